using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tool.Describe;

/// <summary>Routes that name a service as their parent and do not decide about its calls, and why.</summary>
internal sealed class LostRoutes(ResourceStore store, CallerContext caller)
{
    public IEnumerable<DescribedLoss> Of(FrontendModel frontend, ServicePort port)
    {
        var service = frontend.Id.ServiceId;
        var applied = frontend.Routes.Rules.Concat(frontend.Grpc?.Routes.Rules ?? []).Select(static rule => rule.Route).OfType<RouteId>().ToHashSet();
        return store.RoutesOf(service)
            .Where(route => !applied.Contains(new RouteId(route.Kind, route.Metadata.Namespace, route.Metadata.Name)))
            .Order(Comparer<RouteResource>.Create(RoutePrecedence.CompareRoutes))
            .Select(route => new DescribedLoss(route.Kind, route.Metadata.Namespace, route.Metadata.Name, Why(route, service, port, route is GrpcRoute && frontend.Grpc is { } grpc ? grpc.Scope : frontend.Scope)));
    }

    private string Why(RouteResource route, ServiceId service, ServicePort port, RouteScope? scope)
    {
        var ns = route.Metadata.Namespace;
        if (ns != service.Namespace && ns != caller.Namespace)
        {
            return $"it holds for callers in namespace {ns} alone";
        }

        if (!route.Parents.Any(parent => route.ServiceParent(parent) == service && FrontendCompiler.Means(parent, port)))
        {
            return $"its parentRefs mean other ports than {port.Port}";
        }

        return ns == service.Namespace && scope == RouteScope.Consumer
            ? $"the routes of the caller's own namespace {caller.Namespace} replace those of the Service's"
            : "none of its rules can be used";
    }
}
