namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Policies and metrics speak of rules by their names.</summary>
internal sealed class RuleNameRule : ILintRule
{
    public const string Code = "RuleNameNotUnique";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) => subject.Rules()
        .Select(static rule => rule["name"])
        .Repeated(static name => name.Text, StringComparer.Ordinal)
        .Select(static name => name.Warning(
            Code, $"another rule is called '{name.Text}', too: the CRDs of the experimental channel refuse that"));
}
