namespace MeshSdk.Tool.Lint.Rules;

/// <summary>What admission asks of a traffic policy beside the schema: something must stand in it, and some things exclude each other.</summary>
internal sealed class TrafficPolicyRule : ILintRule
{
    public const string Empty = "PolicyEmpty";
    public const string Exclusive = "PolicyFieldsExclusive";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var policy in subject.GeneralPolicies())
        {
            if (!policy.Names.Any())
            {
                yield return policy.Error(Empty, "a traffic policy must have at least one block");
            }

            if (policy["tunnel"].Exists && policy["proxyProtocol"].Exists)
            {
                yield return policy["tunnel"].Error(Exclusive, "tunnel and proxyProtocol exclude each other");
            }
        }

        foreach (var policy in subject.Policies())
        {
            var pool = policy["connectionPool"];
            if (pool.Exists && !pool["tcp"].Exists && !pool["http"].Exists)
            {
                yield return pool.Error(Empty, "a connection pool must have tcp or http");
            }

            var balancer = policy["loadBalancer"];
            if (balancer["localityLbSetting"].Exists && balancer["zoneAwareLbSetting"].Exists)
            {
                yield return balancer["zoneAwareLbSetting"].Error(Exclusive, "localityLbSetting and zoneAwareLbSetting exclude each other");
            }

            if (balancer["warmup"].Exists && balancer["warmupDurationSecs"].Exists)
            {
                yield return balancer["warmupDurationSecs"].Error(Exclusive, "warmup and warmupDurationSecs exclude each other");
            }

            var hash = balancer["consistentHash"];
            if (hash["minimumRingSize"].Exists)
            {
                yield return hash["ringHash"].Exists || hash["maglev"].Exists
                    ? hash["minimumRingSize"].Error(Exclusive, "it excludes ringHash and maglev; write ringHash.minimumRingSize")
                    : hash["minimumRingSize"].Warning(HashRule.Deprecated, "it is deprecated; write ringHash.minimumRingSize");
            }
        }
    }
}
