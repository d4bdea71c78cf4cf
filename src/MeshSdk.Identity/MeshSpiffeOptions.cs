namespace MeshSdk;

/// <summary>How the SPIFFE Workload API is asked for the identity of this process.</summary>
public sealed class MeshSpiffeOptions
{
    /// <summary>
    /// Where it is: <c>unix:///path/to/socket</c> or <c>tcp://IP:port</c>, as the SPIFFE Workload Endpoint specification has it. Default: the environment variable
    /// <c>SPIFFE_ENDPOINT_SOCKET</c>.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>The hint of the identity to take, where the process has several. Default: the first one.</summary>
    public string? Hint { get; set; }
}
