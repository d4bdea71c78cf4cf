namespace MeshSdk.Tool.Explain;

/// <summary>For people: timeouts, retries and sessions of a rule, each with a label. Nothing where it has none.</summary>
internal static class RuleSettingsText
{
    public static IEnumerable<(string Label, string Value)> Of(ExplainedTimeouts? timeouts, ExplainedRetry? retry, ExplainedSession? session)
    {
        if (timeouts is not null)
        {
            yield return ("Timeouts", Timeouts(timeouts));
        }

        if (retry is not null)
        {
            yield return ("Retry", Retry(retry));
        }

        if (session is not null)
        {
            yield return ("Session", Session(session));
        }
    }

    private static string Timeouts(ExplainedTimeouts timeouts) => string.Join(", ",
        new[] { Part("request", timeouts.Request), Part("each try", timeouts.BackendRequest) }.OfType<string>());

    private static string? Part(string name, string? value) => value is null ? null : $"{name} {value}";

    private static string Retry(ExplainedRetry retry) =>
        $"up to {retry.Attempts}, backoff {retry.Backoff}"
        + (retry.Codes.Count == 0 ? "" : $", on {string.Join(", ", retry.Codes)}");

    private static string Session(ExplainedSession session) =>
        $"kept by {session.Type.ToLowerInvariant()} {session.Name}"
        + (session.LifetimeType == "Permanent" ? ", permanent" : "")
        + (session.AbsoluteTimeout is { } timeout ? $", for {timeout}" : "");
}
