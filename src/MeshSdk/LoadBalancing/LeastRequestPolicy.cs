using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>
/// The less busy one of two that are drawn at random: nearly as even as looking at all of them, without the herd that runs to the one
/// endpoint that looks idle to everybody. By weight, a schedule in which the weight of a busy endpoint counts for less.
/// </summary>
internal sealed class LeastRequestPolicy(Random random, WarmUp? warmUp = null) : ILoadBalancingPolicy
{
    public EndpointPicker Over(HostGroup hosts, EndpointPicker? previous)
    {
        if (hosts.Endpoints.Length == 1)
        {
            return new OnlyPicker(hosts.Endpoints[0], null);
        }

        EndpointPicker steady = hosts.Weights is { } weights
            ? new DeadlinePicker(hosts.Endpoints, new MovingWeights(weights, CountsRequests: true), random)
            : new Picker(random, hosts.Endpoints);
        return warmUp?.While(hosts, steady, countsRequests: true, random) ?? steady;
    }

    private sealed class Picker(Random random, EndpointState[] endpoints) : EndpointPicker
    {
        public override EndpointState Pick(ulong hash)
        {
            // With replacement, as Envoy draws: the busiest one gets a request now and then as well, and can show that it has become fast again.
            var first = endpoints[random.Next(endpoints.Length)];
            var second = endpoints[random.Next(endpoints.Length)];
            return second.ActiveRequests < first.ActiveRequests ? second : first;
        }

        public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => PickFrom(endpoints, hash, tried);
    }
}
