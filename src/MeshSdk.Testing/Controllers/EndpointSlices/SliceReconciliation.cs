using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>What makes the stored slices of a Service into those that it should have.</summary>
/// <param name="Puts">
/// In this order, in which slices gain before others lose: a pod whose ports have changed is in two slices for a moment. Only where slices
/// exchange endpoints can it be in none, as on a cluster.
/// </param>
/// <param name="Deletes">Names; after the puts.</param>
internal sealed record SliceWrites(ImmutableArray<JsonObject> Puts, ImmutableArray<string> Deletes)
{
    public int Count => Puts.Length + Deletes.Length;
}

/// <summary>
/// Compares what a Service should have with what is stored. Knows no API: what comes out depends on nothing but what goes in.
/// </summary>
internal sealed class SliceReconciliation
{
    /// <summary>Endpoints in a slice, as kube-controller-manager has it by default.</summary>
    public const int DefaultLimit = 100;

    private readonly ServiceView _service;
    private readonly ImmutableSortedDictionary<string, string> _labels;
    private readonly HashSet<string> _names;
    private readonly List<JsonObject> _created = [];
    private readonly List<JsonObject> _gaining = [];
    private readonly List<JsonObject> _updated = [];
    private readonly List<string> _deleted = [];

    private SliceReconciliation(ServiceView service, IEnumerable<SliceView> stored)
    {
        _service = service;
        _labels = SliceContent.Labels(service);
        _names = [.. stored.Select(slice => slice.Name)];
    }

    /// <param name="pods">Those that the Service selects.</param>
    /// <param name="zones">The zones of the nodes that have one.</param>
    /// <param name="stored">All slices with the Service's name on them; those of other owners are left alone.</param>
    public static SliceWrites Plan(
        ServiceView service,
        IEnumerable<PodView> pods,
        IReadOnlyDictionary<string, string> zones,
        IEnumerable<SliceView> stored,
        int limit = DefaultLimit)
    {
        if (!service.HasControlledSlices)
        {
            return new([], []);
        }

        var slices = stored.OrderBy(slice => slice.Name, StringComparer.Ordinal).ToArray();
        var ordered = pods.OrderBy(pod => pod.Name, StringComparer.Ordinal).ToArray();
        var ours = slices.Where(slice => slice.IsOurs).ToArray();
        var plan = new SliceReconciliation(service, slices);
        foreach (var family in service.Families)
        {
            plan.Reconcile(family, DesiredEndpoints.Of(service, ordered, zones, family), [.. ours.Where(slice => slice.Family == family)], limit);
        }

        plan._deleted.AddRange(ours.Where(slice => !service.Families.Contains(slice.Family)).Select(slice => slice.Name));
        return new([.. plan._created, .. plan._gaining, .. plan._updated], [.. plan._deleted]);
    }

    private void Reconcile(string family, Dictionary<SlicePorts, List<SliceEndpointView>> desired, SliceView[] stored, int limit)
    {
        var byPorts = stored.ToLookup(slice => slice.Ports);
        var groups = desired.Keys.Union(byPorts.Select(group => group.Key))
            .Select(ports => (Ports: ports, Slices: SlicePacking.Pack(byPorts[ports], desired.GetValueOrDefault(ports) ?? [], limit)))
            .ToArray();

        // A slice that has lost all it held takes the next new lot: one update for a creation and a deletion. Its family cannot change, its ports can.
        var emptied = new Queue<SliceView>(
            groups.SelectMany(group => group.Slices).Where(slice => slice.Endpoints.Count == 0).Select(slice => slice.Stored!));
        foreach (var (ports, slices) in groups)
        {
            foreach (var slice in slices.Where(slice => slice.Endpoints.Count > 0))
            {
                Put(family, ports, slice, emptied);
            }
        }

        // A Service without endpoints has one empty slice: that there is nobody is known, where no slice could also mean that nobody has looked yet.
        if (groups.All(group => group.Slices.All(slice => slice.Endpoints.Count == 0)) && !_service.IsTerminating)
        {
            Put(family, SlicePorts.None, new PackedSlice(null), emptied);
        }

        _deleted.AddRange(emptied.Select(slice => slice.Name));
    }

    private void Put(string family, SlicePorts ports, PackedSlice packed, Queue<SliceView> emptied)
    {
        var stored = packed.Stored ?? (emptied.TryDequeue(out var reused) ? reused : null);
        if (stored is null)
        {
            var name = SliceContent.NewName(_service, family, _names);
            _created.Add(SliceContent.Write(_service, name, family, null, ports, packed.Endpoints));
        }
        else if (Differs(stored, ports, packed.Endpoints))
        {
            (packed.HasGained ? _gaining : _updated).Add(
                SliceContent.Write(_service, stored.Name, family, stored.Content, ports, packed.Endpoints));
        }
    }

    private bool Differs(SliceView stored, SlicePorts ports, List<SliceEndpointView> endpoints) =>
        stored.OwnerUid != _service.Uid
        || !stored.Ports.Equals(ports)
        || !stored.Labels.SequenceEqual(_labels)
        || !stored.Endpoints.SequenceEqual(endpoints);
}
