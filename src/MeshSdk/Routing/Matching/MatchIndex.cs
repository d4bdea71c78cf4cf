using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Routing.Matching;

/// <summary>
/// Finds the first condition set of a large table that a request satisfies, without looking at all of them. Built once for a table's conditions; what
/// the rules then do is no part of it, so that it serves on when a weight changes.
/// </summary>
/// <remarks>
/// Paths are looked up, not compared: one walk over the request's path finds the conditions on just that path and those on every prefix of it. Those
/// that cannot be looked up, patterns above all, are tried one by one, and only where they could still beat what was found. Among the conditions on
/// one path <see cref="CandidateSet"/> looks headers and query parameters up in the same way.
/// </remarks>
internal sealed class MatchIndex
{
    /// <summary>Of fewer condition sets the first that matches is found faster by looking at each.</summary>
    public const int FewestMatches = 12;

    private readonly ImmutableArray<RouteMatch> _matches;
    private readonly PathTable _paths;
    private readonly ScannedPath[] _scanned;
    private readonly bool _readsQuery;

    public MatchIndex(ImmutableArray<RouteMatch> matches)
    {
        _matches = matches;
        _readsQuery = matches.Any(static match => !match.Query.IsEmpty);
        var looked = new Dictionary<(PathMatchKind, string), List<Candidate>>();
        var scanned = new Dictionary<PathMatch, List<Candidate>>();
        for (var i = 0; i < matches.Length; i++)
        {
            var path = matches[i].Path;
            var candidates = path.Kind is PathMatchKind.Exact or PathMatchKind.Prefix
                ? ListOf(looked, (path.Kind, path.Value))
                : ListOf(scanned, path);
            candidates.Add(new Candidate(i, matches[i]));
        }

        _paths = new PathTable(looked);
        _scanned = [.. scanned.Select(static s => new ScannedPath(s.Key, CandidateSet.Build(s.Value))).OrderBy(static s => s.Candidates.First)];
    }

    /// <summary>Whether the conditions of another table are the same, in the same order.</summary>
    public bool IsOf(ImmutableArray<RouteMatch> matches)
    {
        if (matches == _matches)
        {
            return true;
        }

        if (matches.Length != _matches.Length)
        {
            return false;
        }

        for (var i = 0; i < matches.Length; i++)
        {
            if (!matches[i].HasConditionsOf(_matches[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>The position in <see cref="RouteTable.Matches"/>, or <see cref="RouteMatcher.NoMatch"/>.</returns>
    public int Find(HttpRequestMessage request)
    {
        RouteMatcher.Divide(request, out var path, out var query);
        if (!_readsQuery || query.IsEmpty)
        {
            return Find(new RequestFacts(request, path, default));
        }

        Span<QueryParameter> parameters = stackalloc QueryParameter[QueryParameters.Usual];
        Span<char> decoded = stackalloc char[QueryParameters.UsualLength];
        return Find(new RequestFacts(request, path, new QueryParameters(query, parameters, decoded)));
    }

    private int Find(scoped in RequestFacts facts)
    {
        var best = _paths.Find(facts);
        foreach (var scanned in _scanned)
        {
            if (scanned.Candidates.First >= best)
            {
                break;
            }

            if (scanned.Matches(facts.Path))
            {
                best = scanned.Candidates.Find(facts, best);
            }
        }

        return best == CandidateSet.None ? RouteMatcher.NoMatch : best;
    }

    private static List<Candidate> ListOf<TKey>(Dictionary<TKey, List<Candidate>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists.Add(key, list = []);
        }

        return list;
    }
}
