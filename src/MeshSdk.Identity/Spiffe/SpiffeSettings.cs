namespace MeshSdk.Identity.Spiffe;

/// <summary>How the Workload API is called.</summary>
/// <param name="Endpoint">Where it is, as the user or the environment wrote it.</param>
/// <param name="Hint">Which identity is taken; null: the first.</param>
internal sealed record SpiffeSettings(string? Endpoint, string? Hint)
{
    /// <summary>The variable that says where the Workload API is.</summary>
    public const string EndpointVariable = "SPIFFE_ENDPOINT_SOCKET";

    /// <summary>After how long a silence the agent is asked whether it is still there. Measured by HTTP/2 itself, and so by the clock of the system.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it has to answer.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the first message of a stream may take. After it an agent may be silent for hours: nothing has changed.</summary>
    public TimeSpan FirstMessageTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
