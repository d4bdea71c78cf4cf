using MeshSdk.Compilation;
using MeshSdk.Model;

namespace MeshSdk.Tool.Explain;

/// <summary>Timeouts, retries and sessions of a rule, in the form of the Gateway API.</summary>
internal static class RuleSettingsExplainer
{
    public static ExplainedTimeouts? TimeoutsOf(RouteRule rule) => rule.Timeouts is { } timeouts and not { Request: null, BackendRequest: null }
        ? new ExplainedTimeouts(Duration(timeouts.Request), Duration(timeouts.BackendRequest))
        : null;

    private static string? Duration(TimeSpan? value) => value is { } set ? GatewayDuration.Format(set) : null;

    public static ExplainedRetry? RetryOf(RouteRule rule) => rule.Retry is { } retry
        ? new ExplainedRetry(retry.Attempts, retry.Codes, GatewayDuration.Format(retry.Backoff ?? RouteRetry.DefaultBackoff))
        : null;

    /// <summary>The rule's, else that of the first of its backends that has any.</summary>
    public static ExplainedSession? SessionOf(RouteRule rule) =>
        (rule.Session ?? rule.Backends.Backends.Select(static b => b.Session).FirstOrDefault(static s => s is not null)) switch
        {
            null => null,
            { Carrier: SessionCarrier.Header } header => new ExplainedSession("Header", header.Name, null, null, Duration(header.AbsoluteTimeout)),
            var cookie => new ExplainedSession(
                "Cookie", cookie.Name, cookie.CookiePath, cookie.IsPermanent ? "Permanent" : "Session", Duration(cookie.AbsoluteTimeout)),
        };
}
