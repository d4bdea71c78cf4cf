using System.Collections.Immutable;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Priorities;

/// <summary>Chooses the locality by weight, by turns, and lets the policy choose an endpoint there.</summary>
internal sealed class LocalityPicker(EndpointPicker[] localities, ImmutableArray<int> schedule, Rotation rotation) : EndpointPicker
{
    public override Rotation Rotation => rotation;

    public override EndpointState Pick(ulong hash) => Next().Pick(hash);

    public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried)
    {
        var pick = Next().PickOther(hash, tried);
        for (var i = 0; pick is null && i < localities.Length; i++)
        {
            pick = localities[i].PickOther(hash, tried);
        }

        return pick;
    }

    private EndpointPicker Next() => localities[schedule[rotation.Next(schedule.Length)]];
}
