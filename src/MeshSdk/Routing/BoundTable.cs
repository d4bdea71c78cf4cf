using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>A route table whose rules lead to living clusters.</summary>
internal sealed class BoundTable(RouteTable table, Func<RouteRule, BoundRule> bind)
{
    // A service without routes, or with one that takes everything: the common case needs no look at the request.
    private readonly bool _takesEverything = table.Matches is [{ Method: null, Headers.Length: 0, Query.Length: 0 } only]
        && only.Path == PathMatch.Any;

    public ImmutableArray<BoundRule> Rules { get; } = [.. table.Rules.Select(bind)];

    /// <summary>The rule for a request; null where none matches.</summary>
    public BoundRule? Find(HttpRequestMessage request)
    {
        var index = _takesEverything ? 0 : RouteMatcher.Match(table, request);
        return index == RouteMatcher.NoMatch ? null : Rules[table.Matches[index].Rule];
    }
}
