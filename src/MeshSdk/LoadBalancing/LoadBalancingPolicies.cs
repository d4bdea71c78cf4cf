using MeshSdk.Model;

namespace MeshSdk.LoadBalancing;

/// <summary>Makes the policy that a cluster asks for.</summary>
internal sealed class LoadBalancingPolicies(Random random)
{
    /// <summary>The policy for a cluster. Hash policies are not here yet: as Istio does without a policy, the less busy of two takes their place.</summary>
    public ILoadBalancingPolicy Create(ClusterModel cluster) => cluster.LoadBalancer switch
    {
        LoadBalancerKind.RoundRobin => new RoundRobinPolicy(random),
        LoadBalancerKind.Random => new RandomPolicy(random),
        _ => new LeastRequestPolicy(random),
    };

    /// <summary>Whether a policy that was made for one model does for another.</summary>
    public static bool IsSame(ClusterModel a, ClusterModel b) => a.LoadBalancer == b.LoadBalancer && a.Hash == b.Hash && a.SlowStart == b.SlowStart;
}
