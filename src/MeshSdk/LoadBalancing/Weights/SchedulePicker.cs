using System.Collections.Immutable;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Weights;

/// <summary>Takes turns as a <see cref="WeightedSchedule"/> says.</summary>
internal sealed class SchedulePicker(EndpointState[] endpoints, ImmutableArray<int> schedule, Rotation rotation) : EndpointPicker
{
    public override Rotation Rotation => rotation;

    public override EndpointState Pick(ulong hash) => endpoints[schedule[rotation.Next(schedule.Length)]];

    public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => PickFrom(endpoints, hash, tried);
}
