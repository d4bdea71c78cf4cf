using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>Any, with equal chances.</summary>
internal sealed class RandomPolicy(Random random) : ILoadBalancingPolicy
{
    public IEndpointPicker Over(EndpointState[] endpoints) => new Picker(random, endpoints);

    private sealed class Picker(Random random, EndpointState[] endpoints) : IEndpointPicker
    {
        public EndpointState Pick(in PickContext context) => endpoints[random.Next(endpoints.Length)];
    }
}
