using MeshSdk.Model;
using MeshSdk.Telemetry;

namespace MeshSdk.Transport.Lanes;

/// <summary>
/// The connections to all endpoints of a cluster, counted one by one, and the requests that wait for them. One gate guards the lanes of all its
/// endpoints, for a connection that closes here may be what a request elsewhere waits for. Lives as long as the cluster does, so that what is open stays
/// counted whatever becomes of the limits.
/// </summary>
internal sealed class ClusterLanes(ClusterId cluster, CircuitBreakerMetrics? metrics)
{
    // Those of which requests wait.
    private readonly List<EndpointLanes> _waiting = [];
    private ConnectionLimits _limits = ConnectionLimits.None;
    private long _arrivals;

    public Lock Gate { get; } = new();

    /// <summary>Connections that are open, or may be at any moment.</summary>
    public int Connections { get; private set; }

    /// <summary>Requests that wait.</summary>
    public int Pending { get; private set; }

    /// <summary>What may be. Lowered below what there is, connections close as requests end.</summary>
    public ConnectionLimits Limits
    {
        get => Volatile.Read(ref _limits);
        set
        {
            Volatile.Write(ref _limits, value);
            ServeAll();
        }
    }

    /// <summary>Whether there are more than may be; under the gate.</summary>
    public bool IsOver => Connections > Limits.MaxConnections;

    /// <summary>Whether one more may be opened; under the gate.</summary>
    /// <param name="isFirst">Whether its endpoint has none: that may always have one, or its requests would wait for nothing.</param>
    public bool HasSlot(bool isFirst) => isFirst || !(Connections >= Limits.MaxConnections);

    public void TakeSlot() => Connections++;

    public void FreeSlot() => Connections--;

    /// <summary>Queues a request; under the gate.</summary>
    /// <exception cref="ConnectionOverflowException">As many wait already as may.</exception>
    public LaneWaiter Queue(EndpointLanes endpoint, in LaneKey key, RequestBreaker? requests)
    {
        if (Pending >= Limits.MaxPendingRequests)
        {
            throw new ConnectionOverflowException(OverflowKind.Pending);
        }

        Pending++;
        var waiter = new LaneWaiter(key, requests, _arrivals++);
        if (endpoint.Waiters.Count == 0)
        {
            _waiting.Add(endpoint);
        }

        endpoint.Waiters.AddLast(waiter.Place);
        return waiter;
    }

    /// <summary>Takes a request out of the queue; under the gate.</summary>
    public void Unqueue(EndpointLanes endpoint, LaneWaiter waiter)
    {
        Pending--;
        endpoint.Waiters.Remove(waiter.Place);
        if (endpoint.Waiters.Count == 0)
        {
            _waiting.Remove(endpoint);
        }
    }

    /// <summary>Counts a request that was not let in; outside the gate, for who listens is code of the application.</summary>
    public void CountOverflow(OverflowKind kind) => metrics?.Overflow(cluster, kind.ToString());

    /// <summary>A slot may be free: offers it to the endpoints in the order in which their requests came. Outside the gate.</summary>
    public void ServeAll()
    {
        EndpointLanes[] waiting;
        lock (Gate)
        {
            if (_waiting.Count == 0)
            {
                return;
            }

            waiting = [.. _waiting.OrderBy(static endpoint => endpoint.Waiters.First!.Value.Number)];
        }

        foreach (var endpoint in waiting)
        {
            endpoint.Serve();
        }
    }
}
