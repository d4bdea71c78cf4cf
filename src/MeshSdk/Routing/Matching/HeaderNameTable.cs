using System.Net.Http.Headers;
using MeshSdk.Model;

namespace MeshSdk.Routing.Matching;

/// <summary>
/// Candidates by the name of one header that they ask for. Where they ask for many different ones, going through the few that a request has is cheaper than
/// asking it for each.
/// </summary>
internal sealed class HeaderNameTable
{
    private const int FewestNames = 12;

    private readonly Dictionary<string, Candidate[]> _candidates;

    private HeaderNameTable(Dictionary<string, Candidate[]> candidates) => _candidates = candidates;

    /// <summary>Takes those out of a list that ask for one of many headers; null, and all stay, where these are few.</summary>
    public static HeaderNameTable? TakeFrom(List<Candidate> candidates)
    {
        var byName = candidates.Where(static candidate => NameOf(candidate.Match) is not null)
            .GroupBy(static candidate => NameOf(candidate.Match)!, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.OrdinalIgnoreCase);
        if (byName.Count < FewestNames)
        {
            return null;
        }

        candidates.RemoveAll(static candidate => NameOf(candidate.Match) is not null);
        return new HeaderNameTable(byName);
    }

    /// <inheritdoc cref="CandidateSet.Find"/>
    public int Find(scoped in RequestFacts facts, int limit)
    {
        var best = Find(facts.Request.Headers.NonValidated, facts, limit);
        return facts.Request.Content is { } content ? Find(content.Headers.NonValidated, facts, best) : best;
    }

    private int Find(HttpHeadersNonValidated headers, scoped in RequestFacts facts, int limit)
    {
        var best = limit;
        foreach (var (name, _) in headers)
        {
            if (_candidates.TryGetValue(name, out var candidates))
            {
                best = Candidate.FirstOf(candidates, facts, best);
            }
        }

        return best;
    }

    // A request need not have a Host header to have a host.
    private static string? NameOf(RouteMatch match) =>
        match.Headers.FirstOrDefault(static header => !header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase))?.Name;
}
