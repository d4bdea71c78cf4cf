using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>
/// Keeps the times of all connections: silence, the end of what a caller has proved, and the patience with those that are not allowed any more and do not end,
/// as WebSockets and streams. Their calls would otherwise outlive each change.
/// </summary>
internal sealed partial class Deadlines(MeshServer server, ILogger logger)
{
    private readonly long _drain = (long)(server.Options.DrainTimeout.TotalSeconds * server.Time.TimestampFrequency);

    /// <summary>Does what is due now. Nothing comes out of it: whoever calls is a timer, and there are more connections than one.</summary>
    public void Meet()
    {
        var moment = (Timestamp: server.Time.GetTimestamp(), Now: server.Time.GetUtcNow().UtcDateTime);
        foreach (var connection in server.Connections.Where(static (one, moment) => IsDue(one, moment.Timestamp, moment.Now), moment))
        {
            Guarded.Run(logger, () => Meet(connection, moment.Timestamp, moment.Now));
        }
    }

    private static bool IsDue(InboundConnection connection, long timestamp, DateTime now) => connection.Phase switch
    {
        ConnectionPhase.Silent => timestamp >= connection.SilentUntil,
        ConnectionPhase.Open => connection.IsToldToGo || now >= connection.CloseAt,
        _ => false,
    };

    private void Meet(InboundConnection connection, long timestamp, DateTime now)
    {
        if (connection.Phase != ConnectionPhase.Open)
        {
            connection.GiveUpSilence();
            return;
        }

        if (now >= connection.NotAfter)
        {
            connection.Lapse("its certificate has ended, or one that vouches for it");
        }

        connection.RequestClose();
        if (server.Keeps(connection))
        {
            // Asked to go in good time, or allowed again.
            connection.ForbiddenSince = null;
        }
        else if (timestamp - (connection.ForbiddenSince ??= timestamp) >= _drain)
        {
            Abort(connection);
        }
    }

    private void Abort(InboundConnection connection)
    {
        var reason = $"its calls did not end within {server.Options.DrainTimeout} (Mesh:Server:DrainTimeout) after it was asked to close: {server.Fault(connection)}";
        if (connection.Abort(reason))
        {
            server.Metrics.ConnectionAborted(connection);
            server.Refusals.Aborted(connection, reason);
        }
    }
}
