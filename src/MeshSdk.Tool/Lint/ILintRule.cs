namespace MeshSdk.Tool.Lint;

/// <summary>One family of checks that no schema can state. Rules see objects of every kind and any shape, and never throw.</summary>
internal interface ILintRule
{
    IEnumerable<LintFinding> Check(LintObject subject, LintScene scene);
}
