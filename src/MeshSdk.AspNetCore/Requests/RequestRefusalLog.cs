using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Telemetry;
using MeshSdk.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>
/// Says which requests are refused, and why. Callers decide how many these are and what they look like: a few of them are told, the others are
/// counted, and all are told at the level Debug.
/// </summary>
internal sealed partial class RequestRefusalLog(ILogger<RequestRefusalLog> logger, TimeProvider? time = null)
{
    private readonly LineBudget _refusals = new(time ?? TimeProvider.System, lines: 10, TimeSpan.FromSeconds(10));
    private readonly LineBudget _unknown = new(time ?? TimeProvider.System, lines: 1, TimeSpan.FromSeconds(30));

    public void Refused(HttpContext context, InboundConnection? connection, RefusalKind kind, string reason)
    {
        if (kind == RefusalKind.Unknown)
        {
            Tell(_unknown, LogLevel.Warning, context, connection, reason);
        }
        else
        {
            Tell(_refusals, LogLevel.Information, context, connection, reason);
        }
    }

    /// <summary>By the policies.</summary>
    public void Denied(HttpContext context, InboundConnection? connection, PolicyReason reason) =>
        Tell(_refusals, LogLevel.Information, context, connection, reason);

    private void Tell<TReason>(LineBudget budget, LogLevel level, HttpContext context, InboundConnection? connection, TReason reason)
        where TReason : notnull
    {
        if (!logger.IsEnabled(level))
        {
            return;
        }

        var isTold = budget.TryTake(out var missed);
        if (missed > 0)
        {
            LogMissed(level, missed);
        }

        level = isTold ? level : LogLevel.Debug;
        if (logger.IsEnabled(level))
        {
            var request = context.Request;
            var caller = connection?.Peer?.Id.ToString() ?? "a caller without identity";
            var address = (connection?.RemoteAddress ?? context.Connection.RemoteIpAddress)?.ToString() ?? "an unknown address";
            var (method, path) = (PeerText.Clean(request.Method), PeerText.Clean(request.Path.Value ?? ""));
            var host = request.Host.HasValue ? PeerText.Clean(request.Host.Value) : "no host";
            var (port, why) = (connection?.LocalPort ?? context.Connection.LocalPort, reason.ToString()!);
            LogRefused(level, method, path, host, port, caller, address, why);
        }
    }

    [LoggerMessage(EventId = 1, EventName = "RequestRefused", Message = "Refused {Method} {Path} for {Host} at port {Port}, of {Caller} at {Address}: {Reason}")]
    private partial void LogRefused(LogLevel level, string method, string path, string host, int port, string caller, string address, string reason);

    [LoggerMessage(EventId = 2, EventName = "RefusalsNotTold", Message = "{Count} more requests were refused, which are not told one by one.")]
    private partial void LogMissed(LogLevel level, int count);
}
