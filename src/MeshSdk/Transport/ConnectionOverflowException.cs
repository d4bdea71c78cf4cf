namespace MeshSdk.Transport;

/// <summary>The request was not sent: as much is under way to its cluster as may be. Says nothing of the endpoint that it was meant for.</summary>
internal sealed class ConnectionOverflowException(OverflowKind kind) : Exception("As much is under way as the policy of the cluster allows.")
{
    public OverflowKind Kind { get; } = kind;
}
