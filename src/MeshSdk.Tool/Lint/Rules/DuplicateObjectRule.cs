namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Two objects of one kind and name: only one of them is in force, and people rarely know which.</summary>
internal sealed class DuplicateObjectRule : ILintRule
{
    public const string Code = "DuplicateObject";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (scene.EarlierOf(subject) is { } earlier)
        {
            yield return subject.Root["metadata"]["name"].Warning(Code, $"the same object stands in {earlier.File}:{earlier.Root.Line}; the last one counts");
        }
    }
}
