using System.Text.Json;
using MeshSdk.Compilation;
using MeshSdk.Resources;

namespace MeshSdk.Tool.Describe;

/// <summary>Says what a destination rule states, in the words that Istio's describe command has for it.</summary>
internal static class DestinationRuleDescriber
{
    public static DescribedDestinationRule Describe(RuleCandidate candidate)
    {
        var rule = candidate.Rule;
        var policy = rule.Spec.TrafficPolicy;
        return new DescribedDestinationRule(
            rule.Metadata.Namespace,
            rule.Metadata.Name,
            rule.Spec.Host,
            policy is not null,
            TlsModeOf(policy),
            PoliciesOf(policy),
            [.. (policy?.PortLevelSettings).OrEmpty().Select(static entry => new DescribedPortSettings(entry?.Port?.Number ?? 0, TlsModeOf(entry), PoliciesOf(entry)))],
            [.. rule.Spec.Subsets.OrEmpty().Select(NameOf)])
        {
            Reason = candidate.Reason,
        };
    }

    private static string NameOf(JsonElement subset) =>
        subset.ValueKind == JsonValueKind.Object && subset.TryGetProperty("name", out var name) ? name.ToString() : "";

    /// <summary>A block without a mode says DISABLE.</summary>
    private static string? TlsModeOf(TrafficPolicy? policy) => policy?.Tls is not { } tls ? null : tls.Mode is { Length: > 0 } mode ? mode : "DISABLE";

    private static List<string> PoliciesOf(TrafficPolicy? policy)
    {
        var names = new List<string>();
        Add(policy?.LoadBalancer is not null, "load balancer");
        Add(policy?.ConnectionPool is not null, "connection pool");
        Add(policy?.OutlierDetection is not null, "outlier detection");
        Add(policy?.Tunnel is not null, "tunnel");
        Add(policy?.ProxyProtocol is not null, "proxy protocol");
        Add(policy?.RetryBudget is not null, "retry budget");
        return names;

        void Add(bool isThere, string name)
        {
            if (isThere)
            {
                names.Add(name);
            }
        }
    }
}
