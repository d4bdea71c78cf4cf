using MeshSdk.Model;

namespace MeshSdk.LoadBalancing;

/// <summary>Makes the policy that a cluster asks for.</summary>
internal sealed class LoadBalancingPolicies(Random random)
{
    /// <summary>The policy for <paramref name="kind"/>. Hash policies are not here yet: as Istio does without a policy, the less busy of two takes their place.</summary>
    public ILoadBalancingPolicy Create(LoadBalancerKind kind) => kind switch
    {
        LoadBalancerKind.RoundRobin => new RoundRobinPolicy(random),
        LoadBalancerKind.Random => new RandomPolicy(random),
        _ => new LeastRequestPolicy(random),
    };
}
