using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Routing.Matching;

namespace MeshSdk.Routing;

/// <summary>A route table whose rules lead to living clusters.</summary>
/// <param name="table">The table.</param>
/// <param name="bind">Ties one of its rules.</param>
/// <param name="previous">What it takes the place of: an index of the same conditions goes on.</param>
internal sealed class BoundTable(RouteTable table, Func<RouteRule, BoundRule> bind, BoundTable? previous = null)
{
    // A service without routes, or with one that takes everything: the common case needs no look at the request.
    private readonly bool _takesEverything = table.Matches is [{ Method: null, Headers.Length: 0, Query.Length: 0 } only]
        && only.Path == PathMatch.Any;

    /// <summary>Null where there are so few conditions that looking at each is faster.</summary>
    public MatchIndex? Index { get; } =
        table.Matches.Length < MatchIndex.FewestMatches ? null
        : previous?.Index is { } index && index.IsOf(table.Matches) ? index
        : new MatchIndex(table.Matches);

    public ImmutableArray<BoundRule> Rules { get; } = [.. table.Rules.Select(bind)];

    /// <summary>The rule for a request; null where none matches.</summary>
    public BoundRule? Find(HttpRequestMessage request)
    {
        var index = _takesEverything ? 0 : Index is null ? RouteMatcher.Match(table, request) : Index.Find(request);
        return index == RouteMatcher.NoMatch ? null : Rules[table.Matches[index].Rule];
    }
}
