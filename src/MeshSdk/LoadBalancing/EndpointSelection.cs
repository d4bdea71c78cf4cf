using System.Collections.Frozen;
using System.Collections.Immutable;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.LoadBalancing.Priorities;
using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>
/// Which endpoints of a cluster requests go to, at one moment. Made anew whenever the endpoints, their health or the policy change; a pick only reads
/// it. What has not changed, above all rings and tables, is taken over, and turns go on where they were.
/// </summary>
internal sealed class EndpointSelection
{
    private readonly PriorityLevel[] _levels;
    private readonly PriorityLoad[] _loads;
    private readonly RequestHash? _hash;

    // Whose turn it is, where more than one priority gets requests and no hash says which.
    private readonly ImmutableArray<int> _schedule;
    private readonly Rotation? _rotation;

    // Where there is one priority and nothing to hash, which is nearly always.
    private readonly EndpointPicker? _plain;

    private EndpointSelection(PriorityLevel[] levels, PriorityLoad[] loads, ILoadBalancingPolicy policy, Random random, EndpointSelection? previous)
    {
        (_levels, _loads) = (levels, loads);
        Usable = levels.Length == 1 ? levels[0].Endpoints : [.. levels.SelectMany(static l => l.Endpoints)];
        if (Usable.Length > 1)
        {
            _hash = policy.Hash;
        }

        // Rings and tables are made here, and not by the first request; those of priorities that get none when there is a use for them.
        for (var i = 0; i < levels.Length; i++)
        {
            _ = loads[i].Percent > 0 ? levels[i].Picker : null;
        }

        if (_hash is null && Array.FindIndex(loads, static l => l.Percent == 100) is >= 0 and var only)
        {
            _plain = levels[only].Picker;
        }
        else if (_hash is null && levels.Length > 0)
        {
            var shared = Enumerable.Range(0, loads.Length).Where(i => loads[i].Percent > 0).ToArray();
            _schedule = [.. WeightedSchedule.Of(Array.ConvertAll(shared, i => (double)loads[i].Percent)).Select(i => shared[i])];
            _rotation = previous?._rotation ?? new Rotation(random);
        }
    }

    /// <summary>Those that requests may go to; for some of them only where others fail.</summary>
    public EndpointState[] Usable { get; }

    /// <param name="all">In the order of the model.</param>
    /// <param name="model">What counts besides the policy.</param>
    /// <param name="policy">Chooses.</param>
    /// <param name="random">Where turns begin.</param>
    /// <param name="previous">What was in force under the same policy; null where nothing was.</param>
    public static EndpointSelection Of(
        EndpointState[] all, ClusterModel model, ILoadBalancingPolicy policy, Random random, EndpointSelection? previous = null)
    {
        all = Array.Exists(all, static e => e.Model.IsExcluded) ? Array.FindAll(all, static e => !e.Model.IsExcluded) : all;
        if (Array.Exists(all, static e => e.Plan.IsWithheld)
            && Of(Array.FindAll(all, static e => !e.Plan.IsWithheld), model, policy, random, previous) is { Usable.Length: > 0 } known)
        {
            return known;
        }

        IReadOnlyDictionary<Locality, int> weights = FrozenDictionary<Locality, int>.Empty;
        if (!model.LocalityWeights.IsEmpty)
        {
            weights = model.LocalityWeights
                .Where(static w => w.Weight > 0)
                .GroupBy(static w => w.Locality)
                .ToDictionary(static g => g.Key, static g => g.Sum(static w => w.Weight));
            all = Array.FindAll(all, e => weights.ContainsKey(e.Model.Locality));
        }

        var sets = HostSet.Of(all, model.PanicThreshold);
        var healths = Array.ConvertAll(sets, static set => new PriorityHealth(set.Usable.Length, set.All.Length));
        var loads = sets.Length == 0 ? [] : PriorityLoads.Of(healths, model.PanicThreshold);
        for (var i = 0; i < sets.Length; i++)
        {
            if (loads[i].IsPanicking)
            {
                sets[i] = sets[i] with { Usable = Array.FindAll(sets[i].All, HostSet.IsReady) };
            }
        }

        // A priority that has nobody gets nothing, and what is not there need not be asked.
        var used = Enumerable.Range(0, sets.Length).Where(i => sets[i].Usable.Length > 0).ToArray();
        var levels = Array.ConvertAll(used, i => new PriorityLevel(
            sets[i], loads[i].IsPanicking, weights, policy, random, Array.Find(previous?._levels ?? [], l => l.Priority == sets[i].Priority)));
        return new EndpointSelection(levels, Array.ConvertAll(used, i => loads[i]), policy, random, previous);
    }

    /// <summary>Chooses an endpoint; one that was not tried yet, where there is one.</summary>
    /// <returns>Null where none can be used.</returns>
    public EndpointState? Pick(in PickContext context)
    {
        var isFirst = context.Tried is null or { Count: 0 };
        if (_plain is { } plain && isFirst)
        {
            return plain.Pick(0);
        }

        if (_levels.Length == 0)
        {
            return null;
        }

        var hash = _hash?.Of(context) ?? 0;
        var picker = PickerFor(hash);
        return isFirst ? picker.Pick(hash) : PickOther(picker, hash, context.Tried!) ?? picker.Pick(hash);
    }

    private EndpointPicker PickerFor(ulong hash) => _plain ?? _levels[
        _levels.Length == 1 ? 0
        : _rotation is { } rotation ? _schedule[rotation.Next(_schedule.Length)]
        : PriorityLoads.Choose(_loads, hash)].Picker;

    // Of the same priority as long as there is one, then by priority.
    private EndpointState? PickOther(EndpointPicker picker, ulong hash, IReadOnlyList<EndpointState> tried)
    {
        var pick = picker.PickOther(hash, tried);
        for (var i = 0; pick is null && i < _levels.Length; i++)
        {
            pick = _levels[i].Picker.PickOther(hash, tried);
        }

        return pick;
    }
}
