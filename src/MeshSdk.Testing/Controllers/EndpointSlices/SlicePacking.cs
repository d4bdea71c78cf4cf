namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>
/// Spreads endpoints over slices with few writes: an endpoint that is in a slice stays there, and what is new goes where something has to be
/// written anyway. Slices are therefore seldom full, and are not packed anew: every write of a slice is sent to all who watch it.
/// </summary>
internal static class SlicePacking
{
    /// <param name="stored">The slices of one family with these ports.</param>
    /// <param name="desired">Without duplicates.</param>
    /// <param name="limit">Endpoints in a slice.</param>
    public static IReadOnlyList<PackedSlice> Pack(IEnumerable<SliceView> stored, IEnumerable<SliceEndpointView> desired, int limit)
    {
        var wanted = desired.ToDictionary(endpoint => endpoint.Identity);
        var packed = stored.Select(slice => Keep(slice, wanted, limit)).ToList();
        var missing = new Queue<SliceEndpointView>(wanted.Values);
        foreach (var slice in packed.Where(slice => slice.HasChanged && slice.Endpoints.Count > 0).OrderByDescending(slice => slice.Endpoints.Count))
        {
            Fill(slice, missing, limit);
        }

        while (missing.Count > 0)
        {
            Fill(RoomFor(missing.Count, packed, limit) ?? New(packed), missing, limit);
        }

        return packed;
    }

    /// <summary>What of a slice is still wanted, in its old order, and no longer looked for; the first slice that has an endpoint keeps it.</summary>
    private static PackedSlice Keep(SliceView slice, Dictionary<EndpointIdentity, SliceEndpointView> wanted, int limit)
    {
        var packed = new PackedSlice(slice);
        foreach (var endpoint in slice.Endpoints)
        {
            if (packed.Endpoints.Count < limit && wanted.Remove(endpoint.Identity, out var current))
            {
                packed.Endpoints.Add(current);
                packed.HasChanged |= current != endpoint;
            }
            else
            {
                packed.HasChanged = true;
            }
        }

        return packed;
    }

    private static void Fill(PackedSlice slice, Queue<SliceEndpointView> missing, int limit)
    {
        while (slice.Endpoints.Count < limit && missing.TryDequeue(out var endpoint))
        {
            slice.Endpoints.Add(endpoint);
            slice.HasChanged = true;
            slice.HasGained = true;
        }
    }

    /// <summary>The fullest slice that still takes all: one write, and the emptier ones are kept for bigger lots.</summary>
    private static PackedSlice? RoomFor(int count, List<PackedSlice> packed, int limit) => packed
        .Where(slice => !slice.HasChanged && slice.Endpoints.Count > 0 && slice.Endpoints.Count + count <= limit)
        .MaxBy(slice => slice.Endpoints.Count);

    private static PackedSlice New(List<PackedSlice> packed)
    {
        var slice = new PackedSlice(null);
        packed.Add(slice);
        return slice;
    }
}

/// <summary>What a slice is to hold.</summary>
/// <param name="stored">Null: it is new.</param>
internal sealed class PackedSlice(SliceView? stored)
{
    public SliceView? Stored { get; } = stored;

    public List<SliceEndpointView> Endpoints { get; } = [];

    public bool HasChanged { get; set; }

    /// <summary>It holds endpoints that it did not hold before, so another slice may be about to lose them.</summary>
    public bool HasGained { get; set; }
}
