using MeshSdk.Model;

namespace MeshSdk.Tool.Policies;

/// <summary>
/// How many of a hundred requests each priority gets. One takes them all while 1.4 times its healthy share covers it; what it cannot take goes to the next,
/// and where all together cannot, they take it in proportion. In whole percents, as Envoy has it.
/// </summary>
internal static class PriorityLoads
{
    private const int OverProvisioning = 140;
    private const int All = 100;

    /// <summary>By priority; one without a share is there with 0. Empty where nothing is healthy.</summary>
    public static IReadOnlyDictionary<int, int> Of(IReadOnlyCollection<EndpointModel> endpoints)
    {
        var loads = new Dictionary<int, int>();
        var groups = endpoints.GroupBy(static endpoint => endpoint.Priority).OrderBy(static group => group.Key).ToList();
        var healths = groups.ConvertAll(static group => (Priority: group.Key, Health: HealthOf([.. group])));
        var available = Math.Min(All, healths.Sum(static group => group.Health));
        if (available == 0)
        {
            // Where so few of so many are ready that all round to nothing, they share by how many are.
            healths = groups.ConvertAll(static group => (group.Key, ReadyOf(group)));
            available = healths.Sum(static group => group.Health);
        }

        if (available == 0)
        {
            return loads;
        }

        var rest = All;
        foreach (var (priority, health) in healths)
        {
            loads[priority] = Math.Min(rest, health * All / available);
            rest -= loads[priority];
        }

        // What rounding leaves over belongs to the first that can take it.
        loads[healths.First(static group => group.Health > 0).Priority] += rest;
        return loads;
    }

    private static int HealthOf(IReadOnlyCollection<EndpointModel> group) =>
        Math.Min(All, OverProvisioning * ReadyOf(group) / group.Count);

    private static int ReadyOf(IEnumerable<EndpointModel> group) => group.Count(static endpoint => endpoint.Health == EndpointHealth.Ready);
}
