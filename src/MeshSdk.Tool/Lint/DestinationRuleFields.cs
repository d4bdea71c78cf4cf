namespace MeshSdk.Tool.Lint;

/// <summary>The places in destination rules that several rules look at.</summary>
internal static class DestinationRuleFields
{
    public static bool IsDestinationRule(this LintObject subject) => subject is { Group: "networking.istio.io", Kind: "DestinationRule" };

    /// <summary>The policy of the host, and those of subsets; not those of ports, which stand in them.</summary>
    public static IEnumerable<LintField> GeneralPolicies(this LintObject subject) => !subject.IsDestinationRule() ? [] : subject.Spec["subsets"].Items
        .Select(static subset => subset["trafficPolicy"])
        .Prepend(subject.Spec["trafficPolicy"])
        .Where(static policy => policy.Exists);

    /// <summary>The policy of the host, those of its ports, and those of subsets.</summary>
    public static IEnumerable<LintField> Policies(this LintObject subject) =>
        subject.GeneralPolicies().SelectMany(static policy => policy["portLevelSettings"].Items.Prepend(policy));

    /// <summary>The names of blocks that a policy has of those that an entry for a port can have.</summary>
    public static IEnumerable<string> PortBlocks(this LintField policy) =>
        policy.Names.Intersect(["loadBalancer", "connectionPool", "outlierDetection", "tls"]);
}
