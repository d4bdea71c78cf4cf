using MeshSdk.Model;

namespace MeshSdk.Compilation;

/// <summary>One object for each locality: tens of thousands of endpoints share a handful of them.</summary>
internal sealed class LocalityCache
{
    private readonly Dictionary<(string, string, string), Locality> _known = [];

    /// <param name="region">Null or empty where it is not known; so are the others.</param>
    public Locality Of(string? region, string? zone, string? subZone)
    {
        var parts = (region ?? "", zone ?? "", subZone ?? "");
        if (parts is ("", "", ""))
        {
            return Locality.Unknown;
        }

        if (!_known.TryGetValue(parts, out var locality))
        {
            _known.Add(parts, locality = new Locality(parts.Item1, parts.Item2, parts.Item3));
        }

        return locality;
    }
}
