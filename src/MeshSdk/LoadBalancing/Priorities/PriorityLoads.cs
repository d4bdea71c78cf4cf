namespace MeshSdk.LoadBalancing.Priorities;

/// <summary>How many endpoints of one priority there are, and how many of them are healthy.</summary>
internal readonly record struct PriorityHealth(int Healthy, int Total);

/// <summary>What one priority is to get.</summary>
/// <param name="Percent">Of the requests.</param>
/// <param name="IsPanicking">So few are healthy that it is not looked at health.</param>
internal readonly record struct PriorityLoad(int Percent, bool IsPanicking);

/// <summary>
/// Envoy's arithmetic of priorities, in whole percents. A priority can take more than its healthy share, by a factor of 1.4, before the next one has to
/// help; where all of them together cannot take 100 %, each takes more.
/// </summary>
internal static class PriorityLoads
{
    private const int OverProvisioning = 140;

    /// <param name="priorities">The highest one first. At least one; none is empty, and one has a healthy endpoint unless there is a threshold.</param>
    /// <param name="panicThreshold">Below so many healthy of a hundred a priority panics, if there are not enough healthy ones elsewhere; 0: never.</param>
    /// <returns>The same number, whose percents come to 100, with nothing for those that have neither a healthy endpoint nor panic.</returns>
    public static PriorityLoad[] Of(ReadOnlySpan<PriorityHealth> priorities, int panicThreshold)
    {
        var availability = new int[priorities.Length];
        for (var i = 0; i < priorities.Length; i++)
        {
            availability[i] = (int)Math.Min(100, (long)OverProvisioning * priorities[i].Healthy / priorities[i].Total);
        }

        var total = Math.Min(100, availability.Sum());
        var loads = new PriorityLoad[priorities.Length];
        for (var i = 0; i < priorities.Length; i++)
        {
            loads[i] = new PriorityLoad(0, total < 100 && 100.0 * priorities[i].Healthy / priorities[i].Total < panicThreshold);
        }

        if (Array.TrueForAll(loads, static l => l.IsPanicking))
        {
            // Nobody's health says anything: they get what they have of the endpoints.
            Distribute(loads, Array.ConvertAll(priorities.ToArray(), static p => p.Total));
        }
        else if (total == 0)
        {
            // So few of so many are healthy that each priority rounds to nothing. They are there all the same, and get what they have of the healthy ones.
            Distribute(loads, Array.ConvertAll(priorities.ToArray(), static p => p.Healthy));
        }
        else
        {
            Distribute(loads, availability, total);
        }

        return loads;
    }

    // What rounding leaves over goes to the first that gets anything.
    private static void Distribute(PriorityLoad[] loads, int[] shares, long? whole = null)
    {
        var (left, sum) = (100, whole ?? shares.Sum(static s => (long)s));
        for (var i = 0; i < loads.Length && sum > 0; i++)
        {
            var percent = (int)Math.Min(left, shares[i] * 100L / sum);
            loads[i] = loads[i] with { Percent = percent };
            left -= percent;
        }

        var first = Math.Max(0, Array.FindIndex(shares, static s => s > 0));
        loads[first] = loads[first] with { Percent = loads[first].Percent + left };
    }

    /// <summary>Which priority a hash belongs to.</summary>
    public static int Choose(ReadOnlySpan<PriorityLoad> loads, ulong hash)
    {
        var at = (int)(hash % 100);
        var i = 0;
        for (var sum = loads[0].Percent; at >= sum; sum += loads[i].Percent)
        {
            i++;
        }

        return i;
    }
}
