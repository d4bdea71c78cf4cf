using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Policies;

/// <summary>Limits and settings of connections for people; of what is left at its default only what every call meets.</summary>
internal static class ConnectionPoolText
{
    public static void Write(IndentedText text, EffectivePolicy policy, DefaultMarks marks, string? declared)
    {
        var pool = policy.ConnectionPool;
        string[] limits = [.. LimitsOf(pool)];
        text.Line($"Limits: {(limits.Length == 0 ? "none (default)" : string.Join(", ", limits))}");
        text.Line($"Connect timeout: {pool.ConnectTimeout}{marks.Of("connectionPool.connectTimeout")}");
        text.Line($"Idle timeout: {pool.IdleTimeout}{marks.Of("connectionPool.idleTimeout")}");
        string[] settings = [.. SettingsOf(pool, declared)];
        if (settings.Length > 0)
        {
            text.Line($"Connections: {string.Join(", ", settings)}");
        }
    }

    private static IEnumerable<string> LimitsOf(EffectiveConnectionPool pool)
    {
        string?[] parts =
        [
            Limit(pool.MaxConnections, "connections"),
            Limit(pool.MaxPendingRequests, "requests that wait for one"),
            Limit(pool.MaxRequests, "requests under way"),
            Limit(pool.MaxRequestsPerConnection, "requests a connection"),
            Limit(pool.MaxConcurrentStreams, "streams a connection"),
            pool.RetryShare is null ? Limit(pool.MaxRetries, "retries under way") : null,
            pool.RetryShare is { } share
                ? $"retries {PolicyText.Number(share.Percent)}% of the requests {(share.BudgetInterval == "0s" ? "under way" : $"within {share.BudgetInterval}")}, "
                    + $"and at least {share.MinRetryConcurrency}"
                : null,
        ];
        return parts.OfType<string>();
    }

    private static IEnumerable<string> SettingsOf(EffectiveConnectionPool pool, string? declared)
    {
        string?[] parts =
        [
            pool.HttpVersion switch
            {
                "caller" => "the caller's version of HTTP",
                "2" when declared != "HTTP2" => "HTTP/2, by h2UpgradePolicy",
                _ => null,
            },
            pool.MaxConnectionDuration is { } duration ? $"closed after {duration}" : null,
            pool.TcpKeepalive is { } keepalive ? $"TCP keepalive {Keepalive(keepalive)}" : null,
            pool.Http2KeepAlive is { } ping ? $"HTTP/2 pings after {ping.Interval} of silence, answered within {ping.Timeout}" : null,
            pool.ProxyProtocol is { } version ? $"PROXY protocol {version}" : null,
        ];
        return parts.OfType<string>();
    }

    private static string Keepalive(EffectiveKeepalive keepalive)
    {
        string?[] parts =
        [
            keepalive.Time is { } time ? $"after {time}" : null,
            keepalive.Interval is { } interval ? $"every {interval}" : null,
            keepalive.Probes is { } probes ? $"{probes} probes" : null,
        ];
        return string.Join(", ", parts.OfType<string>().DefaultIfEmpty("as the operating system has it"));
    }

    private static string? Limit(int? limit, string what) => limit is { } number ? $"{number} {what}" : null;
}
