using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>The routes that count for a port.</summary>
/// <param name="Scope">Null where there are none.</param>
/// <param name="Routes">Positions, in order of precedence.</param>
/// <param name="Unknown">Set where it cannot be told which ones they are.</param>
internal readonly record struct SelectedRoutes(RouteScope? Scope, List<int> Routes, RouteFailure? Unknown)
{
    public bool IsSameAs(SelectedRoutes other) => Scope == other.Scope && Unknown == other.Unknown && Routes.SequenceEqual(other.Routes);
}

/// <summary>
/// Decides which routes count for a port: those of the caller's own namespace where it has any, else those of the service's. Routes of other
/// namespaces are other callers' own.
/// </summary>
/// <remarks>
/// Where the caller's routes are not known nothing can be told, since any of them would replace those of the service. Where they are known and there is
/// one, those of the service do not count, and need not be known.
/// </remarks>
/// <param name="service">Whose ports they are.</param>
/// <param name="caller">The caller's namespace.</param>
/// <param name="unknown">What cannot be told.</param>
/// <param name="routes">All that name the service, in order of precedence.</param>
internal sealed class RouteSelector(ServiceId service, string caller, UnknownResolver unknown, IReadOnlyList<RouteResource> routes)
{
    /// <summary>Whether <see cref="ForGrpc"/> may say anything else than <see cref="ForHttp"/>.</summary>
    public bool DistinguishesGrpc { get; } = routes.Any(static route => route is GrpcRoute)
        || unknown.GrpcRoutesIn(caller) is not null || unknown.GrpcRoutesIn(service.Namespace) is not null;

    /// <summary>For calls that are none of gRPC: HTTPRoutes alone.</summary>
    public SelectedRoutes ForHttp(ServicePort port) => Select(port, HttpRoutes);

    /// <summary>For gRPC calls: a route of either kind decides whose routes count; among those GRPCRoutes come before HTTPRoutes, and the kinds never mix.</summary>
    public SelectedRoutes ForGrpc(ServicePort port) => Select(port, GrpcRoutes);

    private SelectedRoutes Select(ServicePort port, Func<ServicePort, string, (List<int> Routes, RouteFailure? Unknown)> find)
    {
        if (caller != service.Namespace)
        {
            var (own, ownUnknown) = find(port, caller);
            if (ownUnknown is not null || own.Count > 0)
            {
                return new SelectedRoutes(ownUnknown is null ? RouteScope.Consumer : null, own, ownUnknown);
            }
        }

        var (producers, unknownProducers) = find(port, service.Namespace);
        return new SelectedRoutes(producers.Count > 0 ? RouteScope.Producer : null, producers, unknownProducers);
    }

    private (List<int> Routes, RouteFailure? Unknown) HttpRoutes(ServicePort port, string @namespace) =>
        unknown.HttpRoutesIn(@namespace) is { } open ? ([], open) : (Attached<HttpRoute>(port, @namespace), null);

    private (List<int> Routes, RouteFailure? Unknown) GrpcRoutes(ServicePort port, string @namespace)
    {
        if (unknown.GrpcRoutesIn(@namespace) is { } open)
        {
            return ([], open);
        }

        return Attached<GrpcRoute>(port, @namespace) is { Count: > 0 } attached ? (attached, null) : HttpRoutes(port, @namespace);
    }

    private List<int> Attached<TRoute>(ServicePort port, string @namespace)
        where TRoute : RouteResource
    {
        var found = new List<int>();
        for (var i = 0; i < routes.Count; i++)
        {
            if (routes[i] is TRoute route && route.Metadata.Namespace == @namespace && IsAttached(route, port))
            {
                found.Add(i);
            }
        }

        return found;
    }

    private bool IsAttached(RouteResource route, ServicePort port)
    {
        foreach (var parent in route.Parents)
        {
            if (route.ServiceParent(parent) == service && FrontendCompiler.Means(parent, port))
            {
                return true;
            }
        }

        return false;
    }
}
