using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>What a cluster's policy says of its connections, as options of the handler that makes them.</summary>
internal static class ConnectionOptions
{
    // The handler's timers take no more, and a policy may state eleven years.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    // The handler takes no less.
    private static readonly TimeSpan ShortestPing = TimeSpan.FromSeconds(1);

    public static void Apply(ConnectionSettings? settings, SocketsHttpHandler handler)
    {
        if (settings?.IdleTimeout is { } idle)
        {
            handler.PooledConnectionIdleTimeout = idle <= TimeSpan.Zero ? Timeout.InfiniteTimeSpan : AtMost(idle);
        }

        if (settings?.MaxDuration is { } duration && duration > TimeSpan.Zero)
        {
            handler.PooledConnectionLifetime = duration;
        }

        if (settings?.Ping is { } ping)
        {
            handler.KeepAlivePingDelay = AtLeast(AtMost(ping.Interval));
            handler.KeepAlivePingTimeout = AtLeast(AtMost(ping.Timeout));
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        }
    }

    private static TimeSpan AtMost(TimeSpan time) => time < Longest ? time : Longest;

    private static TimeSpan AtLeast(TimeSpan time) => time > ShortestPing ? time : ShortestPing;
}
