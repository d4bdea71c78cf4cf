using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>An address that a slice mentions. While a controller moves an endpoint, two slices may mention the same one.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The endpoint's own port.</param>
/// <param name="Health">What the slice says of it.</param>
/// <param name="Version">The slice's resource version; 0 where it is not known.</param>
/// <param name="Sequence">Position among all that was seen.</param>
/// <param name="Endpoint">The endpoint as written.</param>
/// <param name="Slice">Where it is written.</param>
internal readonly record struct SliceSighting(
    PeerAddress Address, int Port, EndpointHealth Health, long Version, int Sequence, SliceEndpoint Endpoint, EndpointSlice Slice)
{
    /// <summary>Sorts what was seen, and keeps one sighting of each endpoint.</summary>
    public static void Merge(List<SliceSighting> sightings, bool prefersV6)
    {
        sightings.Sort((left, right) => left.CompareTo(right, prefersV6));
        var kept = 0;
        for (var i = 0; i < sightings.Count; i++)
        {
            var next = sightings[i];
            if (kept > 0 && sightings[kept - 1].Address == next.Address && sightings[kept - 1].Port == next.Port)
            {
                sightings[kept - 1] = sightings[kept - 1].OrBetter(next);
            }
            else
            {
                sightings[kept++] = next;
            }
        }

        sightings.RemoveRange(kept, sightings.Count - kept);
        if (sightings.Count > 1 && sightings[0].Address.IsV6 != sightings[^1].Address.IsV6)
        {
            MergeFamilies(sightings, prefersV6);
        }
    }

    /// <summary>A pod of a dual-stack service appears once a family: it is one endpoint, by the preferred family unless the other one fares better.</summary>
    private static void MergeFamilies(List<SliceSighting> sightings, bool prefersV6)
    {
        var preferred = new Dictionary<string, SliceSighting>(StringComparer.Ordinal);
        var others = new Dictionary<string, SliceSighting>(StringComparer.Ordinal);
        foreach (var sighting in sightings)
        {
            if (sighting.PodId is { Length: > 0 } pod)
            {
                (sighting.Address.IsV6 == prefersV6 ? preferred : others).TryAdd(pod, sighting);
            }
        }

        sightings.RemoveAll(sighting =>
            sighting.PodId is { Length: > 0 } pod
            && preferred.TryGetValue(pod, out var first)
            && others.TryGetValue(pod, out var second)
            && (sighting.Address.IsV6 == prefersV6) == (second.Health < first.Health));
    }

    private string? PodId => Endpoint.TargetRef?.Uid;

    /// <summary>The newer knowledge; where ages cannot be compared, the more favourable one.</summary>
    private SliceSighting OrBetter(SliceSighting other)
    {
        if (Version != other.Version && Version > 0 && other.Version > 0)
        {
            return Version > other.Version ? this : other;
        }

        return other.Health < Health ? other : this;
    }

    private int CompareTo(SliceSighting other, bool prefersV6)
    {
        var byAddress = Address.CompareTo(other.Address);
        if (byAddress != 0)
        {
            return prefersV6 && Address.IsV6 != other.Address.IsV6 ? -byAddress : byAddress;
        }

        var byPort = Port.CompareTo(other.Port);
        return byPort != 0 ? byPort : Sequence.CompareTo(other.Sequence);
    }
}
