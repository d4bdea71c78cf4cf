namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Retries are sent as the route says, whatever the method: one that changes something may do so twice.</summary>
internal sealed class RetryRule : ILintRule
{
    public const string Code = "RetryCoversPost";

    private static readonly string[] Repeated = ["POST", "PATCH"];

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var rule in subject.Rules().Where(static rule => rule["retry"].Exists && rule["retry"]["attempts"].Number != 0))
        {
            string[] methods = [.. Repeated.Where(method => Matches(rule, method))];
            if (methods.Length > 0)
            {
                yield return rule["retry"].Warning(
                    Code,
                    $"the rule matches {string.Join(" and ", methods)}, which {(methods.Length == 1 ? "is" : "are")} sent again, too: match the methods that may be "
                        + "repeated, or make sure that all of them may");
            }
        }
    }

    private static bool Matches(LintField rule, string method) =>
        rule["matches"].Items is not { Count: > 0 } matches || matches.Any(match => match["method"].Text is not { } stated || stated == method);
}
