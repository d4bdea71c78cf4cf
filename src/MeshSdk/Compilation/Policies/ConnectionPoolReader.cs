using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>Reads <c>connectionPool</c>. Of all whole numbers 0 means that they are not set.</summary>
/// <param name="mesh">What holds where the block says nothing.</param>
internal sealed class ConnectionPoolReader(MeshDefaults mesh)
{
    /// <param name="pool">May be there or not.</param>
    /// <param name="port">What the Service port declares.</param>
    public CompiledPool Read(PolicyBlock pool, ClusterProtocol port)
    {
        pool = pool.Mapping().OnlyKnown("tcp", "http");
        var tcp = pool.Block("tcp").OnlyKnown("maxConnections", "connectTimeout", "tcpKeepalive", "maxConnectionDuration", "idleTimeout");
        var http = pool.Block("http").OnlyKnown(
            "http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries", "idleTimeout", "h2UpgradePolicy", "useClientProtocol",
            "maxConcurrentStreams", "http2KeepAlive");
        return new CompiledPool(
            Limits(tcp, http),
            Connections(tcp, http),
            tcp.Duration("connectTimeout") ?? mesh.ConnectTimeout,
            Protocol(http, port));
    }

    private static ConnectionLimits Limits(PolicyBlock tcp, PolicyBlock http)
    {
        var limits = new ConnectionLimits
        {
            MaxConnections = tcp.Limit("maxConnections"),
            MaxPendingRequests = http.Limit("http1MaxPendingRequests"),
            MaxRequests = http.Limit("http2MaxRequests"),
            MaxRequestsPerConnection = http.Limit("maxRequestsPerConnection"),
            MaxConcurrentStreams = http.Limit("maxConcurrentStreams"),
            MaxRetries = http.Limit("maxRetries"),
        };

        // One that limits nothing is the one that everybody shares: a request has only to look whether it is.
        return limits == ConnectionLimits.None ? ConnectionLimits.None : limits;
    }

    private ConnectionSettings Connections(PolicyBlock tcp, PolicyBlock http)
    {
        var settings = new ConnectionSettings
        {
            Keepalive = Keepalive(tcp.Block("tcpKeepalive").OnlyKnown("probes", "time", "interval")),
            MaxDuration = tcp.Duration("maxConnectionDuration"),
            IdleTimeout = http.Duration("idleTimeout") ?? tcp.Duration("idleTimeout", TimeSpan.Zero) switch
            {
                { Ticks: 0 } => Timeout.InfiniteTimeSpan,
                var stated => stated,
            },
            Ping = Ping(http.Block("http2KeepAlive").OnlyKnown("interval", "timeout")),
        };
        return settings == ConnectionSettings.Default ? ConnectionSettings.Default : settings;
    }

    /// <summary>Field by field over what the mesh says.</summary>
    private TcpKeepalive? Keepalive(PolicyBlock block) => block.Exists
        ? new TcpKeepalive(
            block.Limit("probes") ?? mesh.Keepalive?.Probes,
            block.Duration("time") ?? mesh.Keepalive?.Time,
            block.Duration("interval") ?? mesh.Keepalive?.Interval)
        : mesh.Keepalive;

    private static Http2Ping? Ping(PolicyBlock block)
    {
        if (!block.Exists)
        {
            return null;
        }

        var (interval, timeout) = (block.Duration("interval"), block.Duration("timeout"));
        if (interval is not null && timeout is not null)
        {
            return new Http2Ping(interval.Value, timeout.Value);
        }

        block.Fault("it needs both interval and timeout; no pings are sent");
        return null;
    }

    private ClusterProtocol? Protocol(PolicyBlock http, ClusterProtocol port)
    {
        var policy = http.OneOf("h2UpgradePolicy", "DEFAULT", "DO_NOT_UPGRADE", "UPGRADE");
        if (http.Flag("useClientProtocol") == true)
        {
            if (policy == "UPGRADE")
            {
                http.Member("h2UpgradePolicy").Fault("UPGRADE and useClientProtocol exclude each other; the protocol of the client is used");
            }

            return ClusterProtocol.Caller;
        }

        // Who asks for it in a rule is believed to know what the port speaks. The mesh's own default is only for ports that say that they speak HTTP.
        return policy switch
        {
            "UPGRADE" => ClusterProtocol.Http2,
            "DO_NOT_UPGRADE" => null,
            _ => mesh.UpgradesToHttp2 && port == ClusterProtocol.Http1 ? ClusterProtocol.Http2 : null,
        };
    }
}
