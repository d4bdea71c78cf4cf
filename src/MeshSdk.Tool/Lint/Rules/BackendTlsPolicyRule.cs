namespace MeshSdk.Tool.Lint.Rules;

/// <summary>What a BackendTLSPolicy verifies by, and what it is for.</summary>
internal sealed class BackendTlsPolicyRule : ILintRule
{
    public const string Authorities = "CertificateAuthorities";
    public const string NotUnique = "TargetRefNotUnique";
    public const string AltName = "SubjectAltName";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        subject.Kind == "BackendTLSPolicy" ? [.. Validation(subject.Spec["validation"]), .. Targets(subject.Spec["targetRefs"].Items)] : [];

    private static IEnumerable<LintFinding> Validation(LintField validation)
    {
        if (!validation.Exists)
        {
            yield break;
        }

        var (refs, wellKnown) = (validation["caCertificateRefs"].Items.Count > 0, !string.IsNullOrEmpty(validation["wellKnownCACertificates"].Text));
        if (refs && wellKnown)
        {
            yield return validation["wellKnownCACertificates"].Error(Authorities, "only one of caCertificateRefs and wellKnownCACertificates may be given");
        }
        else if (!refs && !wellKnown)
        {
            yield return validation.Error(Authorities, "caCertificateRefs, or wellKnownCACertificates: System, must be given");
        }

        foreach (var name in validation["subjectAltNames"].Items)
        {
            var (right, wrong) = name["type"].Text switch
            {
                "Hostname" => ("hostname", "uri"),
                "URI" => ("uri", "hostname"),
                _ => (null, null),
            };
            if (right is not null && string.IsNullOrEmpty(name[right].Text))
            {
                yield return name[right].Error(AltName, $"type {name["type"].Text} needs its {right}");
            }

            if (wrong is not null && !string.IsNullOrEmpty(name[wrong].Text))
            {
                yield return name[wrong].Error(AltName, $"type {name["type"].Text} has no {wrong}");
            }
        }
    }

    private static IEnumerable<LintFinding> Targets(IReadOnlyList<LintField> targets)
    {
        foreach (var same in targets.GroupBy(static t => (t["group"].Text, t["kind"].Text, t["name"].Text)).Where(static same => same.Count() > 1))
        {
            foreach (var target in same.Where(static target => string.IsNullOrEmpty(target["sectionName"].Text)))
            {
                yield return target.Error(NotUnique, "of several references to one object each needs its sectionName");
            }

            foreach (var target in same.Repeated(
                static target => string.IsNullOrEmpty(target["sectionName"].Text) ? null : target["sectionName"].Text, StringComparer.Ordinal))
            {
                yield return target["sectionName"].Error(NotUnique, "another reference names the same object and section");
            }
        }
    }
}
