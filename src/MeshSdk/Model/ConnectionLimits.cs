namespace MeshSdk.Model;

/// <summary>How much of a cluster this process may take up at once. Null: without a limit.</summary>
internal sealed record ConnectionLimits
{
    public static ConnectionLimits None { get; } = new();

    /// <summary>To all endpoints together; each may always have one.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Requests that wait for a connection.</summary>
    public int? MaxPendingRequests { get; init; }

    /// <summary>Requests under way, whatever the version of HTTP.</summary>
    public int? MaxRequests { get; init; }

    /// <summary>After so many a connection is closed.</summary>
    public int? MaxRequestsPerConnection { get; init; }

    /// <summary>Requests under way on one connection of HTTP/2.</summary>
    public int? MaxConcurrentStreams { get; init; }

    /// <summary>Retries under way; not looked at where there is a <see cref="RetryShare"/>.</summary>
    public int? MaxRetries { get; init; }

    public RetryShare? RetryShare { get; init; }
}

/// <summary>How many of the requests under way may be retries.</summary>
/// <param name="Percent">0 to 100.</param>
/// <param name="MinConcurrency">So many may always be.</param>
/// <param name="Interval">Where it is not zero, all requests count that began within it, and not those under way.</param>
internal sealed record RetryShare(double Percent = 20, int MinConcurrency = 3, TimeSpan Interval = default);
