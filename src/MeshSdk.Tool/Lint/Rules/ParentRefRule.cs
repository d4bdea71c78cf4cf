namespace MeshSdk.Tool.Lint.Rules;

/// <summary>References of one route to one parent have to be told apart, by sectionName; the experimental channel lets the port do it, too.</summary>
internal sealed class ParentRefRule : ILintRule
{
    public const string NotUnique = "ParentRefNotUnique";
    public const string NeedsSectionName = "ParentRefNeedsSectionName";
    public const string NoParent = "NoParent";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (!subject.IsRoute)
        {
            yield break;
        }

        var parents = subject.Spec["parentRefs"];
        if (parents.Items.Count == 0)
        {
            yield return parents.Warning(NoParent, "a route without a parent directs nothing; name the Service that is called, with group \"\" and kind Service");
        }

        for (var i = 0; i < parents.Items.Count; i++)
        {
            var parent = parents.Items[i];
            foreach (var earlier in parents.Items.Take(i).Where(other => IdentityOf(other) == IdentityOf(parent)))
            {
                var ((section, port), (otherSection, otherPort)) = (PlaceOf(parent), PlaceOf(earlier));
                if ((section, port) == (otherSection, otherPort))
                {
                    yield return parent.Error(NotUnique, $"{earlier.Path} names the same parent, and neither sectionName nor port tells the two apart");
                    break;
                }

                if ((section is null && port is null) || (otherSection is null && otherPort is null))
                {
                    yield return parent.Error(NotUnique, $"{earlier.Path} names the same parent: where there are several, each needs its sectionName or port");
                    break;
                }

                if (section == otherSection || section is null || otherSection is null)
                {
                    yield return parent.Warning(
                        NeedsSectionName,
                        $"{earlier.Path} names the same parent, and only the port tells the two apart: the CRDs of the standard channel refuse that; use sectionName");
                    break;
                }
            }
        }
    }

    // As written: the CRDs compare what stands there, and take a namespace that is stated for another one than none.
    private static (string?, string?, string, string?) IdentityOf(LintField parent) => (
        parent["group"].Text ?? "gateway.networking.k8s.io", parent["kind"].Text ?? "Gateway",
        parent["namespace"].Text ?? "", parent["name"].Text);

    private static (string? Section, long? Port) PlaceOf(LintField parent) =>
        (string.IsNullOrEmpty(parent["sectionName"].Text) ? null : parent["sectionName"].Text, parent["port"].Number);
}
