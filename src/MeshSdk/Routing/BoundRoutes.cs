using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>The routes of a frontend, whose rules lead to living clusters.</summary>
internal sealed class BoundRoutes
{
    private readonly BoundTable? _grpc;

    /// <param name="previous">What they take the place of.</param>
    public BoundRoutes(FrontendModel model, Func<RouteRule, BoundRule> bind, BoundRoutes? previous = null)
    {
        Model = model;
        All = new BoundTable(model.Routes, bind, previous?.All);
        _grpc = model.Grpc is { } grpc ? new BoundTable(grpc.Routes, bind, previous?._grpc) : null;
        Rules = _grpc is null ? All.Rules : All.Rules.AddRange(_grpc.Rules);
    }

    public FrontendModel Model { get; }

    /// <summary>For all calls but those of gRPC, where these have a table of their own.</summary>
    public BoundTable All { get; }

    /// <summary>Of all tables.</summary>
    public ImmutableArray<BoundRule> Rules { get; }

    /// <summary>The rule for a request; null where none matches.</summary>
    public BoundRule? Find(HttpRequestMessage request) => (_grpc is null || !GrpcCall.Is(request) ? All : _grpc).Find(request);
}
