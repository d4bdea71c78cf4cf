using MeshSdk.Model;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// Near endpoints first, far ones where too few of those are healthy. By labels where the settings name some, and by region, zone and subzone where they
/// name none, or name regions beside them.
/// </summary>
internal static class FailoverRanking
{
    // One that a list of regions for the caller's passes over comes after the one that it names.
    private const int PassedOver = 4;
    private const int Levels = 5;

    public static EndpointRanks Rank(LocalitySettings settings, CallerPlace caller, IReadOnlyList<EndpointPlace> endpoints)
    {
        var byLabels = new FailoverPriorities(caller, settings.FailoverPriority);
        var hasLabels = !settings.FailoverPriority.IsEmpty && !byLabels.IsBlind;
        var near = settings.FailoverPriority.IsEmpty || !settings.Failover.IsEmpty ? caller.Locality : null;
        if (!hasLabels && near is null)
        {
            return EndpointRanks.Even;
        }

        var standIn = near is null ? null : settings.Failover.FirstOrDefault(failover => failover.From == near.Region).To;
        var numbers = new int[endpoints.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var number = hasLabels ? byLabels.Of(endpoints[i]) : 0;
            numbers[i] = near is null ? number : (Levels * number) + Level(near, endpoints[i].Locality, standIn);
        }

        return EndpointRanks.ByPriority(numbers).With(DoubtOf(settings, near, endpoints));
    }

    /// <summary>Which endpoints are in the region that stands in cannot be told of those whose region is not known; they stay where the zone puts them.</summary>
    private static LocalityDoubt? DoubtOf(LocalitySettings settings, Locality? near, IReadOnlyList<EndpointPlace> endpoints)
    {
        if (near is null || settings.Failover.IsEmpty || endpoints.Count == 0)
        {
            return null;
        }

        if (near.Region.Length == 0)
        {
            return LocalityDoubt.OfRegions(".failover", "the region of the caller");
        }

        var isNamed = settings.Failover.Any(failover => failover.From == near.Region);
        return isNamed && endpoints.Any(endpoint => endpoint.Locality.Region.Length == 0 && Proximity.Of(near, endpoint.Locality) == Proximity.Elsewhere)
            ? LocalityDoubt.OfRegions(".failover", "the regions of the endpoints")
            : null;
    }

    private static int Level(Locality caller, Locality endpoint, string? standIn)
    {
        var level = Proximity.Of(caller, endpoint);
        return level == Proximity.Elsewhere && standIn is not null && endpoint.Region != standIn ? PassedOver : level;
    }
}
