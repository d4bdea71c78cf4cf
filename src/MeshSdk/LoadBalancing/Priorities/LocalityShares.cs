using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Priorities;

/// <summary>How localities share the requests of one priority.</summary>
internal static class LocalityShares
{
    /// <summary>A locality whose endpoints are not all healthy gets less only where those that are could not take 1.4 times their part.</summary>
    public static double Effective(int weight, int healthy, int total) => weight * Math.Min(1, 1.4 * healthy / total);

    /// <summary>
    /// What each endpoint gets where localities are not chosen first: the weight of its locality, divided among its endpoints by their own weights. Health
    /// plays no part, as it does not in Envoy's rings and tables.
    /// </summary>
    public static HostGroup Spread(in HostSet hosts, IReadOnlyDictionary<Locality, int> weights)
    {
        double total = hosts.All.Select(static e => e.Model.Locality).Distinct().Sum(locality => weights[locality]);
        var sums = hosts.Usable.GroupBy(static e => e.Model.Locality).ToDictionary(static g => g.Key, static g => g.Sum(WeightOf));
        return new HostGroup(hosts.Usable, Array.ConvertAll(hosts.Usable, endpoint =>
        {
            var locality = endpoint.Model.Locality;
            return WeightOf(endpoint) * (weights[locality] / total) / sums[locality];
        }));
    }

    /// <summary>The share of each of a group's endpoints by its weight alone.</summary>
    public static HostGroup Normalized(HostGroup hosts)
    {
        if (hosts.Weights is not { } weights)
        {
            return hosts;
        }

        var sum = weights.Sum();
        return hosts with { Weights = Array.ConvertAll(weights, weight => weight / sum) };
    }

    private static long WeightOf(EndpointState endpoint) => Math.Max(1, endpoint.Model.Weight);
}
