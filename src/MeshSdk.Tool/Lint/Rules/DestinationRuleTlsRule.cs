namespace MeshSdk.Tool.Lint.Rules;

/// <summary>A tls block without a mode switches TLS off, where its writer mostly wants it on.</summary>
internal sealed class DestinationRuleTlsRule : ILintRule
{
    public const string Code = "TlsModeMissing";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        from policy in PoliciesOf(subject)
        let tls = policy["tls"]
        where tls.Exists && !tls["mode"].Exists
        select tls.Warning(Code, "a tls block without a mode means DISABLE: calls go out in plaintext; state the mode, or leave the block out");

    /// <summary>The policy of the host, those of its ports, and those of subsets.</summary>
    public static IEnumerable<LintField> PoliciesOf(LintObject subject) => subject is { Group: "networking.istio.io", Kind: "DestinationRule" }
        ? subject.Spec["subsets"].Items.Select(static subset => subset["trafficPolicy"])
            .Prepend(subject.Spec["trafficPolicy"])
            .SelectMany(static policy => policy["portLevelSettings"].Items.Prepend(policy))
        : [];
}
