using MeshSdk.Compilation;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>The spans over which an XBackendTrafficPolicy counts retries.</summary>
internal sealed class BackendTrafficPolicyRule : ILintRule
{
    public const string Code = "RetryBudgetInterval";

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (subject.Kind != "XBackendTrafficPolicy")
        {
            yield break;
        }

        var constraint = subject.Spec["retryConstraint"];
        var (budget, rate) = (constraint["budget"]["interval"], constraint["minRetryRate"]["interval"]);
        if (GatewayDuration.TryParse(budget.Text, out var interval) && (interval < Shortest || interval > Longest))
        {
            yield return budget.Error(Code, "the interval of the budget must be from 1s to 1h");
        }

        if (GatewayDuration.TryParse(rate.Text, out var period) && (period <= TimeSpan.Zero || period > Longest))
        {
            yield return rate.Error(Code, "the interval of the least rate must be longer than 0s, and 1h at most");
        }
    }
}
