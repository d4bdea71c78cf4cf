using MeshSdk.Resources;

namespace MeshSdk.Tool.Listing;

/// <summary>Which blocks a policy has, by the names of their fields.</summary>
internal static class PolicyBlocks
{
    public static IEnumerable<string> Of(Resource policy) => policy switch
    {
        DestinationRule rule => Of(rule),
        PeerAuthentication { Spec.PortLevelMtls.Count: > 0 } => ["portLevelMtls"],
        _ => [],
    };

    private static IEnumerable<string> Of(DestinationRule rule)
    {
        (string Name, bool IsThere)[] blocks = rule.Spec.TrafficPolicy is not { } policy ? [] :
        [
            ("loadBalancer", policy.LoadBalancer is not null),
            ("connectionPool", policy.ConnectionPool is not null),
            ("outlierDetection", policy.OutlierDetection is not null),
            ("tls", policy.Tls is not null),
            ("tunnel", policy.Tunnel is not null),
            ("proxyProtocol", policy.ProxyProtocol is not null),
            ("retryBudget", policy.RetryBudget is not null),
            ("portLevelSettings", !policy.PortLevelSettings.OrEmpty().IsEmpty),
        ];
        return blocks.Where(static block => block.IsThere).Select(static block => block.Name)
            .Concat(rule.Spec.Subsets.OrEmpty().IsEmpty ? [] : ["subsets"]);
    }
}
