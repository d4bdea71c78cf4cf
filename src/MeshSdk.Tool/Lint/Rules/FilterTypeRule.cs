namespace MeshSdk.Tool.Lint.Rules;

/// <summary>A filter has the one field that belongs to its type.</summary>
internal sealed class FilterTypeRule : ILintRule
{
    public const string Missing = "FilterFieldMissing";
    public const string Unexpected = "FilterFieldUnexpected";

    private static readonly Dictionary<string, string> FieldOf = new(StringComparer.Ordinal)
    {
        ["RequestHeaderModifier"] = "requestHeaderModifier",
        ["ResponseHeaderModifier"] = "responseHeaderModifier",
        ["RequestMirror"] = "requestMirror",
        ["RequestRedirect"] = "requestRedirect",
        ["URLRewrite"] = "urlRewrite",
        ["ExtensionRef"] = "extensionRef",
        ["CORS"] = "cors",
        ["ExternalAuth"] = "externalAuth",
    };

    // What else a GRPCRoute names its schema refuses already.
    private static readonly string[] OfGrpc = ["RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "ExtensionRef"];

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var filter in subject.Filters())
        {
            if (filter["type"].Text is not { } type || !FieldOf.TryGetValue(type, out var expected)
                || (subject.Kind == "GRPCRoute" && !OfGrpc.Contains(type)))
            {
                continue;
            }

            if (!filter[expected].Exists)
            {
                yield return filter[expected].Error(Missing, $"a filter of type {type} needs its {expected}");
            }

            foreach (var name in filter.Names.Where(name => name != expected && FieldOf.ContainsValue(name)))
            {
                yield return filter[name].Error(Unexpected, $"a filter of type {type} has no {name}; make it a filter of its own");
            }
        }
    }
}
