using System.Collections.Immutable;
using System.Globalization;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// Fixed shares for localities. What a pattern gets is divided among the localities that it means by the number of their endpoints, each share rounded up, as
/// istiod does it; localities that no pattern means get nothing.
/// </summary>
/// <remarks>
/// A distribution that leaves no endpoint at all would refuse every call, and one by regions that are not known would send all of them to the few endpoints
/// whose region is. Neither of the two counts.
/// </remarks>
internal static class DistributionRanking
{
    public static EndpointRanks Rank(ImmutableArray<LocalityDistribution> distributions, Locality caller, IReadOnlyList<EndpointPlace> endpoints)
    {
        var index = 0;
        while (index < distributions.Length && !distributions[index].From.Matches(caller))
        {
            if (distributions[index].From.MayMatch(caller))
            {
                return EndpointRanks.Even.With(LocalityDoubt.OfRegions(Field(index, "from"), "the region of the caller"));
            }

            index++;
        }

        if (index == distributions.Length || endpoints.Count == 0)
        {
            return EndpointRanks.Even;
        }

        var distribution = distributions[index];
        if (endpoints.Any(endpoint => IsOpen(distribution, endpoint)))
        {
            return EndpointRanks.Even.With(LocalityDoubt.OfRegions(Field(index, "to"), "the regions of the endpoints"));
        }

        // In the order in which the endpoints stand, so that the same endpoints give the same weights.
        var sizes = new Dictionary<Locality, int>();
        var order = new List<Locality>();
        foreach (var endpoint in endpoints)
        {
            if (!sizes.TryGetValue(endpoint.Locality, out var size))
            {
                order.Add(endpoint.Locality);
            }

            sizes[endpoint.Locality] = size + 1;
        }

        var weights = ImmutableArray.CreateBuilder<LocalityWeight>();
        var listed = new HashSet<Locality>();
        foreach (var (pattern, weight) in distribution.To)
        {
            var meant = order.FindAll(locality => pattern.Matches(locality) && !listed.Contains(locality));
            var total = meant.Sum(locality => sizes[locality]);
            foreach (var locality in meant)
            {
                listed.Add(locality);
                weights.Add(new LocalityWeight(locality, (int)Math.Ceiling((double)sizes[locality] * weight / total)));
            }
        }

        if (weights.Count == 0)
        {
            return EndpointRanks.Even.With(new LocalityDoubt(
                Field(index, "to"),
                $"no endpoint is in any of its localities, so that it does not count; the endpoints are in {Names(order)}: let one of those be named, or let Nodes "
                + "be read, as in samples/k8s/rbac-nodes.yaml, where they have more to tell"));
        }

        return EndpointRanks.ByWeight(weights.ToImmutable(), [.. endpoints.Select(endpoint => !listed.Contains(endpoint.Locality))]);
    }

    /// <summary>Whether it will be known only with the node of an endpoint which share it belongs to. Of one that is nowhere nothing will ever be known.</summary>
    private static bool IsOpen(LocalityDistribution distribution, EndpointPlace endpoint) =>
        (endpoint.Node is not null || endpoint.Locality.Zone.Length > 0)
        && !distribution.To.Any(target => target.Locality.Matches(endpoint.Locality))
        && distribution.To.Any(target => target.Locality.MayMatch(endpoint.Locality));

    private static string Field(int index, string name) => string.Create(CultureInfo.InvariantCulture, $".distribute[{index}].{name}");

    private static string Names(List<Locality> localities)
    {
        const int Shown = 5;
        var names = localities.Select(static locality => locality == Locality.Unknown ? "places that are not known" : locality.ToString()).Take(Shown);
        return string.Join(", ", names) + (localities.Count > Shown ? ", …" : "");
    }
}
