using MeshSdk.Model;

namespace MeshSdk.Compilation;

/// <summary>One object for each zone: tens of thousands of endpoints share a handful of them.</summary>
internal sealed class LocalityCache
{
    private readonly Dictionary<string, Locality> _zones = new(StringComparer.Ordinal);

    /// <summary>A slice tells the zone alone; the region and what is below the zone are not known.</summary>
    public Locality OfZone(string? zone)
    {
        if (string.IsNullOrEmpty(zone))
        {
            return Locality.Unknown;
        }

        if (!_zones.TryGetValue(zone, out var locality))
        {
            _zones.Add(zone, locality = new Locality("", zone, ""));
        }

        return locality;
    }
}
