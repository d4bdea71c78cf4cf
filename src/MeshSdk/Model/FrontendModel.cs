namespace MeshSdk.Model;

/// <summary>What callers dial: one port of a service, and the routes that decide where its requests go.</summary>
internal sealed record FrontendModel(ClusterId Id, RouteScope? Scope, RouteTable Routes)
{
    /// <summary>What gRPC calls meet, where that is something else; null: the same as all others.</summary>
    public GrpcRoutes? Grpc { get; init; }

    /// <summary>Those for gRPC calls behind the others; where they are the same ones they stand there once.</summary>
    public IEnumerable<RouteRule> AllRules => Grpc is null ? Routes.Rules : Routes.Rules.Concat(Grpc.Routes.Rules);
}

/// <summary>The routes of a frontend for gRPC calls.</summary>
internal sealed record GrpcRoutes(RouteScope? Scope, RouteTable Routes);

/// <summary>Which routes were consulted: those of the service's owner, or those of the caller's own namespace, which replace them.</summary>
internal enum RouteScope
{
    Producer,
    Consumer,
}
