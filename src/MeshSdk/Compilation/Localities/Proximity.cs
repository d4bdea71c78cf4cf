using MeshSdk.Model;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// How near an endpoint is to the caller. What the caller does not know of itself makes no difference between endpoints; what is not known of an endpoint
/// makes it a far one.
/// </summary>
internal static class Proximity
{
    public const int SameSubZone = 0;
    public const int SameZone = 1;
    public const int SameRegion = 2;
    public const int Elsewhere = 3;

    public static int Of(Locality caller, Locality endpoint) =>
        !IsSameRegion(caller, endpoint) ? Elsewhere
        : !IsSameZone(caller, endpoint) ? SameRegion
        : !IsSameSubZone(caller, endpoint) ? SameZone
        : SameSubZone;

    /// <summary>
    /// Where the region of one of the two is not known, since nodes are not read, the same zone is in the same region: two regions do not share the name of a
    /// zone.
    /// </summary>
    public static bool IsSameRegion(Locality caller, Locality endpoint) =>
        caller.Region.Length > 0 && endpoint.Region.Length > 0 ? caller.Region == endpoint.Region
        : caller.Zone.Length > 0 ? caller.Zone == endpoint.Zone
        : caller.Region.Length == 0;

    public static bool IsSameZone(Locality caller, Locality endpoint) => caller.Zone.Length == 0 || caller.Zone == endpoint.Zone;

    public static bool IsSameSubZone(Locality caller, Locality endpoint) => caller.SubZone.Length == 0 || caller.SubZone == endpoint.SubZone;
}
