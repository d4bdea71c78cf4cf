using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>One after the other, exactly. Starts anywhere, so that a thousand fresh processes do not all begin with the same pod.</summary>
internal sealed class RoundRobinPolicy(Random random) : ILoadBalancingPolicy
{
    private PaddedCounter _next = new((uint)random.Next());

    public IEndpointPicker Over(EndpointState[] endpoints) => new Picker(this, endpoints);

    private sealed class Picker(RoundRobinPolicy policy, EndpointState[] endpoints) : IEndpointPicker
    {
        public EndpointState Pick(in PickContext context) => endpoints[(int)((uint)policy._next.Increment() % (uint)endpoints.Length)];
    }
}
