namespace MeshSdk.Resources;

/// <summary>What is noted on an authorization policy, beside what it says, and counts.</summary>
internal static class AuthorizationMarks
{
    /// <summary>By which a policy is tried out: where it is true nothing that the policy says counts.</summary>
    public const string DryRun = "istio.io/dry-run";

    /// <summary>No other annotation is kept: some hold the whole policy once more.</summary>
    public static Dictionary<string, string>? Slim(Dictionary<string, string>? annotations) =>
        annotations is not null && annotations.TryGetValue(DryRun, out var value) ? new(StringComparer.Ordinal) { [DryRun] = value } : null;
}
