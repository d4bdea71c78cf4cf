using MeshSdk.Compilation;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>What a path of type Exact or PathPrefix may look like; a pattern that the library's engine refuses.</summary>
internal sealed class PathMatchRule : ILintRule
{
    public const string Code = "InvalidPath";
    public const string Pattern = "InvalidPattern";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        var patterns = new PatternCache();
        foreach (var match in subject.Rules().SelectMany(static rule => rule["matches"].Items))
        {
            var path = match["path"];
            if (path["value"].Text is { } text && path["type"].Text is null or "Exact" or "PathPrefix" && MatchSyntax.Fault(path["value"].Text ?? "") is { } fault)
            {
                yield return path["value"].Error(Code, $"'{text}' is no path to match: {fault}");
            }

            LintField[] values = [path, match["method"], .. match["headers"].Items, .. match["queryParams"].Items];
            foreach (var field in values.Where(static value => value["type"].Text == "RegularExpression").SelectMany(PatternsOf))
            {
                if (field.Text is { } pattern && patterns.Get(pattern) is null)
                {
                    var message = $"'{pattern}' is no pattern of linear time: it is malformed, or looks around or back";
                    yield return subject.IsForGatewaysAlone ? field.Info(Pattern, message) : field.Error(Pattern, message);
                }
            }
        }
    }

    private static IEnumerable<LintField> PatternsOf(LintField value) => [value["value"], value["service"], value["method"]];
}
