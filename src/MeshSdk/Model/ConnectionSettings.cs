namespace MeshSdk.Model;

/// <summary>How connections to the endpoints of a cluster are made and kept. New ones make new connections; those in use run out.</summary>
internal sealed record ConnectionSettings
{
    public static ConnectionSettings Default { get; } = new();

    /// <summary>Null: as the operating system has it.</summary>
    public TcpKeepalive? Keepalive { get; init; }

    /// <summary>Null: for as long as it is used.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>How long a connection without requests is kept; null: an hour.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Null: no pings.</summary>
    public Http2Ping? Ping { get; init; }

    public ProxyProtocol ProxyProtocol { get; init; }
}

/// <summary>Keepalive of TCP; null: as the operating system has it.</summary>
internal sealed record TcpKeepalive(int? Probes, TimeSpan? Time, TimeSpan? Interval);

/// <summary>PING frames on connections of HTTP/2.</summary>
/// <param name="Interval">After so long without a frame one is sent.</param>
/// <param name="Timeout">After so long without an answer the connection is closed.</param>
internal sealed record Http2Ping(TimeSpan Interval, TimeSpan Timeout);

/// <summary>What a connection begins with.</summary>
internal enum ProxyProtocol
{
    None,

    /// <summary>A line of text.</summary>
    V1,
    V2,
}
