using System.Diagnostics.CodeAnalysis;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// A locality, or all below one: <c>region/zone/subzone</c>, of which later parts may be left out, and the last one stated may be <c>*</c>.
/// </summary>
internal sealed record LocalityPattern
{
    private const string Any = "*";

    private LocalityPattern(string? region, string? zone, string? subZone) => (Region, Zone, SubZone) = (region, zone, subZone);

    /// <summary>Null for all regions; then there is no zone either.</summary>
    public string? Region { get; }

    /// <summary>Null for all zones; then there is no subzone either.</summary>
    public string? Zone { get; }

    /// <summary>Null for all subzones.</summary>
    public string? SubZone { get; }

    public static bool TryParse(string? text, [NotNullWhen(true)] out LocalityPattern? pattern)
    {
        pattern = null;
        var parts = (text ?? "").Split('/');
        if (parts.Length > 3 || parts.Contains(""))
        {
            return false;
        }

        var star = Array.FindIndex(parts, static part => part.Contains('*'));
        if (star >= 0 && (star < parts.Length - 1 || parts[star] != Any))
        {
            return false;
        }

        pattern = new LocalityPattern(Part(0), Part(1), Part(2));
        return true;

        string? Part(int index) => parts.ElementAtOrDefault(index) is { } part && part != Any ? part : null;
    }

    /// <summary>
    /// Whether a locality is meant. Of one whose region is not known, since slices tell the zone alone, the zone decides: two regions do not share the name of
    /// a zone.
    /// </summary>
    public bool Matches(Locality locality)
    {
        var isRegion = Region is null || Region == locality.Region || (locality.Region.Length == 0 && Zone is not null && Zone == locality.Zone);
        return isRegion && (Zone is null || Zone == locality.Zone) && (SubZone is null || SubZone == locality.SubZone);
    }

    /// <summary>Whether a locality that is not meant may be so yet, since its region, which nodes tell, is not known.</summary>
    public bool MayMatch(Locality locality) => Region is not null && locality.Region.Length == 0
        && (Zone is null || locality.Zone.Length == 0 || (Zone == locality.Zone && SubZone is not null && locality.SubZone.Length == 0));

    /// <summary>Whether a locality can be meant by both.</summary>
    public bool Overlaps(LocalityPattern other) =>
        Meet(Region, other.Region) && Meet(Zone, other.Zone) && Meet(SubZone, other.SubZone);

    public override string ToString() => string.Join('/', new[] { Region ?? Any, Zone, SubZone }.Where(static part => part is not null));

    private static bool Meet(string? left, string? right) => left is null || right is null || left == right;
}
