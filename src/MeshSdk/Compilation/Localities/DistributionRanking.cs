using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// Fixed shares for localities. What a pattern gets is divided among the localities that it means by the number of their endpoints, each share rounded up, as
/// istiod does it; localities that no pattern means get nothing.
/// </summary>
internal static class DistributionRanking
{
    public static EndpointRanks Rank(ImmutableArray<LocalityDistribution> distributions, Locality caller, IReadOnlyList<EndpointPlace> endpoints)
    {
        if (distributions.FirstOrDefault(distribution => distribution.From.Matches(caller)) is not { } distribution)
        {
            return EndpointRanks.Even;
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

        return EndpointRanks.ByWeight(weights.ToImmutable(), [.. endpoints.Select(endpoint => !listed.Contains(endpoint.Locality))]);
    }
}
