using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>A route table whose rules lead to living clusters.</summary>
internal sealed class BoundRoutes(FrontendModel model, ImmutableArray<BoundRule> rules)
{
    public FrontendModel Model { get; } = model;

    public ImmutableArray<BoundRule> Rules { get; } = rules;

    // A service without routes, or with one that takes everything: the common case needs no look at the request.
    private readonly bool _takesEverything = model.Routes.Matches is [{ Method: null, Headers.Length: 0, Query.Length: 0 } only]
        && only.Path == PathMatch.Any;

    /// <summary>The rule for a request; null where none matches.</summary>
    public BoundRule? Find(HttpRequestMessage request)
    {
        var matches = Model.Routes.Matches;
        var index = _takesEverything ? 0 : RouteMatcher.Match(Model.Routes, request);
        return index == RouteMatcher.NoMatch ? null : Rules[matches[index].Rule];
    }
}
