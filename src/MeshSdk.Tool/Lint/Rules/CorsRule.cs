namespace MeshSdk.Tool.Lint.Rules;

/// <summary>A wildcard in a list of what a CORS filter allows stands for all, and alone. What it exposes may hold one beside others.</summary>
internal sealed class CorsRule : ILintRule
{
    public const string Code = "CorsWildcard";

    private static readonly string[] Lists = ["allowOrigins", "allowMethods", "allowHeaders"];

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        from filter in subject.Filters()
        from name in Lists
        let list = filter["cors"][name]
        where list.Items.Count > 1 && list.Items.Any(static item => item.Text == "*")
        select list.Error(Code, $"{name} may not hold '*' beside others");
}
