using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>One after the other, exactly; by weight, as an earliest-deadline-first schedule has it.</summary>
internal sealed class RoundRobinPolicy(Random random, WarmUp? warmUp = null) : ILoadBalancingPolicy
{
    public EndpointPicker Over(HostGroup hosts, EndpointPicker? previous)
    {
        var rotation = previous?.Rotation ?? new Rotation(random);
        if (hosts.Endpoints.Length == 1)
        {
            return new OnlyPicker(hosts.Endpoints[0], rotation);
        }

        EndpointPicker steady = hosts.Weights is { } weights
            ? new SchedulePicker(hosts.Endpoints, WeightedSchedule.Of(weights), rotation)
            : new Picker(hosts.Endpoints, rotation);
        return warmUp?.While(hosts, steady, countsRequests: false, random) ?? steady;
    }

    private sealed class Picker(EndpointState[] endpoints, Rotation rotation) : EndpointPicker
    {
        public override Rotation Rotation => rotation;

        public override EndpointState Pick(ulong hash) => endpoints[rotation.Next(endpoints.Length)];

        public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => PickFrom(endpoints, hash, tried);
    }
}
