namespace MeshSdk.Transport.Lanes;

/// <summary>A request that waits for a connection of its endpoint. Who takes it out of the queue, under the gate, completes it.</summary>
internal sealed class LaneWaiter : TaskCompletionSource<Lane>
{
    public LaneWaiter(in LaneKey key, RequestBreaker? requests, long number)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        (Key, Requests, Number) = (key, requests, number);
        Place = new LinkedListNode<LaneWaiter>(this);
    }

    public LaneKey Key { get; }

    /// <summary>Where it is counted when it has a connection; null: nowhere.</summary>
    public RequestBreaker? Requests { get; }

    /// <summary>Its place among all that wait for connections of the cluster.</summary>
    public long Number { get; }

    public LinkedListNode<LaneWaiter> Place { get; }
}
