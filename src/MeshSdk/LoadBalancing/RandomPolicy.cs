using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>Any, with equal chances.</summary>
internal sealed class RandomPolicy(Random random) : ILoadBalancingPolicy
{
    public EndpointState Pick(ReadOnlySpan<EndpointState> candidates) => candidates[random.Next(candidates.Length)];
}
