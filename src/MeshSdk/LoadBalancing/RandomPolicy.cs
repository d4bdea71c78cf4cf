using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>Any, with chances by weight.</summary>
internal sealed class RandomPolicy(Random random) : ILoadBalancingPolicy
{
    public EndpointPicker Over(HostGroup hosts, EndpointPicker? previous) =>
        hosts.Endpoints.Length == 1 ? new OnlyPicker(hosts.Endpoints[0], null)
        : hosts.Weights is { } weights ? new WeightedPicker(random, hosts.Endpoints, new AliasTable(weights))
        : new Picker(random, hosts.Endpoints);

    private sealed class Picker(Random random, EndpointState[] endpoints) : EndpointPicker
    {
        public override EndpointState Pick(ulong hash) => endpoints[random.Next(endpoints.Length)];

        public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => PickFrom(endpoints, hash, tried);
    }

    private sealed class WeightedPicker(Random random, EndpointState[] endpoints, AliasTable table) : EndpointPicker
    {
        public override EndpointState Pick(ulong hash) => endpoints[table.Next(random)];

        public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => PickFrom(endpoints, hash, tried);
    }
}
