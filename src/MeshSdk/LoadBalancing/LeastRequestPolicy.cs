using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>
/// The less busy one of two that are drawn at random: nearly as even as looking at all of them, without the herd that runs to the one
/// endpoint that looks idle to everybody.
/// </summary>
internal sealed class LeastRequestPolicy(Random random) : ILoadBalancingPolicy
{
    public IEndpointPicker Over(EndpointState[] endpoints) =>
        endpoints.Length == 1 ? new OnlyPicker(endpoints[0]) : new Picker(random, endpoints);

    private sealed class Picker(Random random, EndpointState[] endpoints) : IEndpointPicker
    {
        public EndpointState Pick(in PickContext context)
        {
            var a = random.Next(endpoints.Length);
            var b = random.Next(endpoints.Length - 1);
            if (b >= a)
            {
                b++; // steps past a: the two differ, and there is nothing to draw again
            }

            var (first, second) = (endpoints[a], endpoints[b]);
            return second.ActiveRequests < first.ActiveRequests ? second : first;
        }
    }
}
