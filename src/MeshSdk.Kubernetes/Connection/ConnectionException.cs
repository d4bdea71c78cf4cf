namespace MeshSdk.Kubernetes.Connection;

/// <summary>There is no way to an API server, or no way to say to it who this process is. The message is for people.</summary>
internal sealed class ConnectionException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Nothing was configured, or what was named is not there: that does not mend itself, and trying again would hide it.</summary>
    public bool IsFinal { get; init; }
}
