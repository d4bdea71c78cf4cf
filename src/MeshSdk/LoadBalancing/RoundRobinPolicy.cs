using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>One after the other, exactly. Starts anywhere, so that a thousand fresh processes do not all begin with the same pod.</summary>
internal sealed class RoundRobinPolicy(Random random) : ILoadBalancingPolicy
{
    private PaddedCounter _next = new((uint)random.Next());

    public EndpointState Pick(ReadOnlySpan<EndpointState> candidates) =>
        candidates[(int)((uint)_next.Increment() % (uint)candidates.Length)];
}
