using MeshSdk.Sources;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.Watching;

// Each state once, when it begins. While the server is away the connection has said so, once for all sets, and theirs are for those who look closely.
internal sealed partial class Reflector
{
    private readonly ILogger _logger = context.Logger;

    // The state began with an outage of the server, and so will the next one end with it.
    private bool _isQuiet;

    private void LogCondition(WatchCondition before, WatchCondition now)
    {
        var wasQuiet = _isQuiet;
        _isQuiet = now.State != WatchState.Live && context.Connection.Outage.IsDown;
        if (_isQuiet || (wasQuiet && now.State == WatchState.Live))
        {
            LogQuietly(target, now.State, now.Detail);
            return;
        }

        switch (now.State)
        {
            case WatchState.Live when before.Detail.Length > 0:
                LogRecovered(target);
                break;
            case WatchState.Live:
                LogLive(target, _set.Count);
                break;
            case WatchState.NotInstalled:
                LogNotInstalled(target);
                break;
            case WatchState.Stale:
            case WatchState.Forbidden when now.IsKnown:
                LogStale(target, now.Detail);
                break;
            case WatchState.Forbidden when target.IsSeldomGranted:
                LogNotGranted(target, now.Detail);
                break;
            default:
                LogUnknown(target, now.Detail);
                break;
        }
    }

    [LoggerMessage(11, LogLevel.Debug, "Read {Target}: {Count} objects.", EventName = "Read")]
    private partial void LogLive(WatchTarget target, int count);

    [LoggerMessage(12, LogLevel.Information, "{Target} can be followed again.", EventName = "Recovered")]
    private partial void LogRecovered(WatchTarget target);

    [LoggerMessage(13, LogLevel.Information, "{Target} is not installed: there are none, until it is.", EventName = "NotInstalled")]
    private partial void LogNotInstalled(WatchTarget target);

    [LoggerMessage(14, LogLevel.Warning, "{Target} cannot be followed at present, and what was read last stays in force: {Reason}", EventName = "Stale")]
    private partial void LogStale(WatchTarget target, string reason);

    [LoggerMessage(23, LogLevel.Information, "{Target} cannot be read: {Reason}", EventName = "NotGranted")]
    private partial void LogNotGranted(WatchTarget target, string reason);

    [LoggerMessage(15, LogLevel.Warning, "{Target} cannot be read: {Reason}", EventName = "Unread")]
    private partial void LogUnknown(WatchTarget target, string reason);

    [LoggerMessage(16, LogLevel.Debug, "The watch of {Target} has ended ({Reason}) {Fault}", EventName = "Ended")]
    private partial void LogEnded(WatchTarget target, string reason, string fault);

    [LoggerMessage(17, LogLevel.Information, "{Target} is read anew, since the server cannot go on from where the watch ended: {Reason}", EventName = "Expired")]
    private partial void LogExpired(WatchTarget target, string reason);

    [LoggerMessage(18, LogLevel.Warning, "The watch of {Target} sent a line that is no event; the objects are read anew.", EventName = "Garbled")]
    private partial void LogGarbled(WatchTarget target);

    [LoggerMessage(19, LogLevel.Debug, "The API server is asked for lists before it is watched: {Reason}", EventName = "NoInitialEvents")]
    private partial void LogNoInitialEvents(string reason);

    [LoggerMessage(21, LogLevel.Debug, "{Target} is {State} {Reason}", EventName = "State")]
    private partial void LogQuietly(WatchTarget target, WatchState state, string reason);

    [LoggerMessage(22, LogLevel.Debug, "{Target} still cannot be followed: {Reason}", EventName = "Reason")]
    private partial void LogReason(WatchTarget target, string reason);

    [LoggerMessage(20, LogLevel.Error, "An unexpected fault while following {Target}.", EventName = "Unexpected")]
    private partial void LogUnexpected(Exception fault, WatchTarget target);
}
