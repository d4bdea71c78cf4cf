using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Priorities;

/// <summary>One priority of a cluster, with the pickers over its endpoints.</summary>
internal sealed class PriorityLevel
{
    private readonly HostPart[] _parts;
    private readonly LocalityPicker? _localities;

    /// <param name="hosts">At least one is usable.</param>
    /// <param name="isPanicking">Health is not looked at, and then neither are localities.</param>
    /// <param name="weights">The weights of localities; empty where they play no part.</param>
    /// <param name="policy">Chooses.</param>
    /// <param name="random">Where turns begin.</param>
    /// <param name="previous">The same priority as it was under the same policy; null where there was none.</param>
    public PriorityLevel(
        in HostSet hosts, bool isPanicking, IReadOnlyDictionary<Locality, int> weights, ILoadBalancingPolicy policy, Random random, PriorityLevel? previous)
    {
        (Priority, Endpoints) = (hosts.Priority, hosts.Usable);
        if (policy.Hash is not null || isPanicking || weights.Count == 0)
        {
            var group = HostGroup.Of(Endpoints);
            if (policy.Hash is not null)
            {
                group = weights.Count == 0 ? LocalityShares.Normalized(group) : LocalityShares.Spread(hosts, weights);
            }

            _parts = [new HostPart(null, group, policy, previous?.PartOf(null))];
            return;
        }

        var totals = hosts.All.CountBy(static e => e.Model.Locality).ToDictionary();
        var groups = Endpoints.GroupBy(static e => e.Model.Locality).ToArray();
        _parts = Array.ConvertAll(groups, g => new HostPart(g.Key, HostGroup.Of([.. g]), policy, previous?.PartOf(g.Key)));
        if (_parts.Length > 1)
        {
            _localities = new LocalityPicker(
                Array.ConvertAll(_parts, static part => part.Picker),
                WeightedSchedule.Of(Array.ConvertAll(groups, g => LocalityShares.Effective(weights[g.Key], g.Count(), totals[g.Key]))),
                previous?._localities?.Rotation ?? new Rotation(random));
        }
    }

    /// <summary>0 is the first.</summary>
    public int Priority { get; }

    /// <summary>In the order of the model.</summary>
    public EndpointState[] Endpoints { get; }

    public EndpointPicker Picker => _localities ?? _parts[0].Picker;

    private HostPart? PartOf(Locality? locality) => Array.Find(_parts, part => part.Locality == locality);
}
