namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Subsets are addressed by Istio's own routes alone; a backendRef of the Gateway API has no word for them.</summary>
internal sealed class SubsetRule : ILintRule
{
    public const string Code = "UnreachableSubsets";
    public const string Invalid = "SubsetInvalid";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (!subject.IsDestinationRule() || subject.Spec["subsets"] is not { Items.Count: > 0 } subsets)
        {
            yield break;
        }

        yield return subsets.Warning(Code, "no HTTPRoute or GRPCRoute can address a subset; give each version a Service of its own");
        foreach (var subset in subsets.Items)
        {
            if (subset["name"].Text is { } name && !KubernetesSyntax.Label().IsMatch(name))
            {
                yield return subset["name"].Error(Invalid, $"'{name}' is no name of a subset: a-z, 0-9 and '-', up to 63 characters");
            }

            foreach (var label in subset["labels"].Names)
            {
                if (!KubernetesSyntax.LabelKey().IsMatch(label) || !KubernetesSyntax.LabelValue().IsMatch(subset["labels"][label].Text ?? ""))
                {
                    yield return subset["labels"][label].Error(Invalid, "no pod can have this label");
                }
            }
        }

        foreach (var again in subsets.Items.Repeated(static subset => subset["name"].Text, StringComparer.Ordinal))
        {
            yield return again["name"].Error(Invalid, $"there is a subset '{again["name"].Text}' already");
        }
    }
}
