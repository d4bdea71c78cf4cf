using System.Net;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>
/// Says which connections were refused, and why. Whoever can reach a port can have connections refused as fast as it likes, so that each kind of reason has
/// lines for a few callers a minute, of each of whom the first is told; the rest is counted, and seen at the level Debug.
/// </summary>
internal sealed partial class RefusalLog(ILogger logger, TimeProvider time)
{
    private const int CallersPerWindow = 8;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Told[] _windows = [.. Enum.GetValues<RefusalCause>().Select(static _ => new Told())];

    private readonly Told _aborted = new();

    public void Add(InboundConnection connection, Refusal refusal)
    {
        var level = refusal.Cause switch
        {
            <= RefusalCause.Tls => LogLevel.Warning,
            RefusalCause.NoCertificate => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        var untold = 0;
        if (level > LogLevel.Debug && !IsTold(_windows[(int)refusal.Cause], connection.RemoteAddress ?? IPAddress.None, out untold))
        {
            level = LogLevel.Debug;
        }

        if (logger.IsEnabled(level))
        {
            Refused(level, connection.Remote, connection.LocalPort, refusal.Reason, untold == 0 ? "" : $" {untold} more were refused for reasons of this kind since it was last told.");
        }
    }

    /// <summary>One that was taken was not allowed any more, and did not end by itself.</summary>
    public void Aborted(InboundConnection connection, string reason)
    {
        var level = IsTold(_aborted, connection.RemoteAddress ?? IPAddress.None, out var untold) ? LogLevel.Warning : LogLevel.Debug;
        if (logger.IsEnabled(level))
        {
            LogAborted(level, connection.Remote, connection.LocalPort, reason, untold == 0 ? "" : $" {untold} more were aborted since it was last told.");
        }
    }

    private bool IsTold(Told window, IPAddress caller, out int untold)
    {
        untold = 0;
        lock (_gate)
        {
            if (window.Callers.Count == 0 || time.GetElapsedTime(window.Begin) >= Window)
            {
                window.Begin = time.GetTimestamp();
                window.Callers.Clear();
            }

            if (window.Callers.Count >= CallersPerWindow || !window.Callers.Add(caller))
            {
                window.Untold++;
                return false;
            }

            (untold, window.Untold) = (window.Untold, 0);
            return true;
        }
    }

    [LoggerMessage(EventId = 1, EventName = "CallerRefused", Message = "The connection from {Remote} to port {Port} was refused: {Reason}.{More}")]
    private partial void Refused(LogLevel level, string remote, int port, string reason, string more);

    [LoggerMessage(EventId = 3, EventName = "CallerAborted", Message = "The connection from {Remote} to port {Port} was aborted: {Reason}.{More}")]
    private partial void LogAborted(LogLevel level, string remote, int port, string reason, string more);

    private sealed class Told
    {
        public long Begin { get; set; }

        public HashSet<IPAddress> Callers { get; } = [];

        public int Untold { get; set; }
    }
}
