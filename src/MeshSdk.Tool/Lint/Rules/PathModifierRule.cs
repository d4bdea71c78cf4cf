namespace MeshSdk.Tool.Lint.Rules;

/// <summary>How redirects and rewrites say what becomes of the path.</summary>
internal sealed class PathModifierRule : ILintRule
{
    public const string Mismatch = "PathModifierMismatch";
    public const string NeedsPrefix = "ReplacePrefixNeedsPrefix";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var rule in subject.Rules())
        {
            foreach (var path in rule.FilterLists().SelectMany(static list => list.Items)
                .SelectMany(static filter => new[] { filter["requestRedirect"]["path"], filter["urlRewrite"]["path"] })
                .Where(static path => path.Exists))
            {
                var (right, wrong) = path["type"].Text switch
                {
                    "ReplaceFullPath" => ("replaceFullPath", "replacePrefixMatch"),
                    "ReplacePrefixMatch" => ("replacePrefixMatch", "replaceFullPath"),
                    _ => (null, null),
                };
                if (right is null)
                {
                    continue;
                }

                if (!path[right].Exists)
                {
                    yield return path[right].Error(Mismatch, $"type {path["type"].Text} needs its {right}");
                }

                if (path[wrong!].Exists)
                {
                    yield return path[wrong!].Error(Mismatch, $"type {path["type"].Text} has no {wrong}");
                }

                if (right == "replacePrefixMatch" && !rule.HasOnePrefix())
                {
                    yield return path["type"].Error(NeedsPrefix, "ReplacePrefixMatch needs a rule with exactly one match, of type PathPrefix; give each prefix a rule of its own");
                }
            }
        }
    }
}
