namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Retries are sent as the route says, whatever the method: one that changes something may do so twice.</summary>
internal sealed class RetryRule : ILintRule
{
    public const string Code = "RetryCoversPost";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var rule in subject.Rules().Where(static rule => rule["retry"].Exists && rule["retry"]["attempts"].Number != 0))
        {
            var matches = rule["matches"].Items;
            if (matches.Count == 0 || matches.Any(static match => match["method"].Text is null or "POST" or "PATCH"))
            {
                yield return rule["retry"].Warning(
                    Code, "the rule matches POST and PATCH, which are sent again, too: match the methods that may be repeated, or make sure that all of them may");
            }
        }
    }
}
