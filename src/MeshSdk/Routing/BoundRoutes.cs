using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>The routes of a frontend, whose rules lead to living clusters.</summary>
internal sealed class BoundRoutes
{
    private readonly BoundTable _all;
    private readonly BoundTable? _grpc;

    public BoundRoutes(FrontendModel model, Func<RouteRule, BoundRule> bind)
    {
        Model = model;
        _all = new BoundTable(model.Routes, bind);
        _grpc = model.Grpc is { } grpc ? new BoundTable(grpc.Routes, bind) : null;
        Rules = _grpc is null ? _all.Rules : _all.Rules.AddRange(_grpc.Rules);
    }

    public FrontendModel Model { get; }

    /// <summary>Of all tables.</summary>
    public ImmutableArray<BoundRule> Rules { get; }

    /// <summary>The rule for a request; null where none matches.</summary>
    public BoundRule? Find(HttpRequestMessage request) => (_grpc is null || !GrpcCall.Is(request) ? _all : _grpc).Find(request);
}
