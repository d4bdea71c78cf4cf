using System.Runtime.CompilerServices;
using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.Http.Mirroring;

/// <summary>
/// Which requests are mirrored: exactly the share that a filter states, spread over each run of requests as a split by weight is. Every filter counts for
/// itself, so that neither the choice of a backend nor another mirror has a part in it.
/// </summary>
internal sealed class MirrorSampling(Random random)
{
    // By identity: two filters of a rule may say the same.
    private readonly ConditionalWeakTable<MirrorFilter, WeightedSplit> _splits = [];

    public bool Takes(MirrorFilter filter) =>
        filter.Numerator > 0 && (filter.Numerator >= filter.Denominator || SplitOf(filter).Next() == 0);

    private WeightedSplit SplitOf(MirrorFilter filter) =>
        _splits.TryGetValue(filter, out var split) ? split
        : _splits.GetValue(filter, f => new WeightedSplit([f.Numerator, f.Denominator - f.Numerator], random));
}
