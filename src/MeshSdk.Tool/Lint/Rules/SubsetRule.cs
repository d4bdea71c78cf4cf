namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Subsets are addressed by Istio's own routes alone; a backendRef of the Gateway API has no word for them.</summary>
internal sealed class SubsetRule : ILintRule
{
    public const string Code = "UnreachableSubsets";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (subject is { Group: "networking.istio.io", Kind: "DestinationRule" } && subject.Spec["subsets"] is { Items.Count: > 0 } subsets)
        {
            yield return subsets.Warning(Code, "no HTTPRoute or GRPCRoute can address a subset; give each version a Service of its own");
        }
    }
}
