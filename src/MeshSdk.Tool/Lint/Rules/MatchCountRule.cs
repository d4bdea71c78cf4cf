namespace MeshSdk.Tool.Lint.Rules;

/// <summary>The schema bounds rules, and matches in a rule; the number of all matches is bounded beside it.</summary>
internal sealed class MatchCountRule : ILintRule
{
    public const string Code = "TooManyMatches";

    private const int Most = 128;

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        var count = subject.Rules().Sum(static rule => rule["matches"].Items.Count);
        if (count > Most)
        {
            yield return subject.Spec["rules"].Error(Code, $"the rules have {count} matches together, and {Most} are allowed; split the route");
        }
    }
}
