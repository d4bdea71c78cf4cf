using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Transport;

namespace MeshSdk.Routing;

/// <summary>Decides where a request goes: rule, backend by weight, endpoint by load balancing.</summary>
internal static class Router
{
    /// <returns>Null where the frontend has just left the mesh.</returns>
    public static RouteDecision? Decide(Frontend frontend, HttpRequestMessage request)
    {
        while (frontend.Routes is { } routes)
        {
            var decision = Decide(frontend, routes, request);

            // A cluster that has just left the mesh has no endpoints, but the routes that no longer name it are in force before that.
            if (decision.Lease is not null || decision.IsOpen || ReferenceEquals(routes, frontend.Routes))
            {
                return decision;
            }
        }

        return null;
    }

    private static RouteDecision Decide(Frontend frontend, BoundRoutes routes, HttpRequestMessage request)
    {
        if (routes.Find(request) is not { } rule)
        {
            return RouteDecision.NoRoute(frontend);
        }

        if (rule.Rule.Failure is not null)
        {
            return RouteDecision.RuleFails(frontend, rule);
        }

        return rule.OnlyForwards ? Forward(frontend, rule.NextBackend(), request) : RouteDecision.Ruled(frontend, rule);
    }

    /// <summary>Chooses an endpoint of a backend.</summary>
    /// <param name="frontend">What was called.</param>
    /// <param name="backend">One of its backends.</param>
    /// <param name="request">The request, as it is now.</param>
    /// <param name="tried">Where it was sent to already; null for nowhere.</param>
    public static RouteDecision Forward(Frontend frontend, BoundBackend backend, HttpRequestMessage request, IReadOnlyList<EndpointState>? tried = null)
    {
        if (backend.Cluster is not { } cluster)
        {
            return RouteDecision.BackendInvalid(frontend, backend);
        }

        if (cluster.AwaitsGrpc && GrpcCall.Is(request))
        {
            cluster.WatchHealth(CalledAs(frontend, request.RequestUri!));
        }

        var cookie = cluster.NewCookie(request);
        var outcome = cluster.TryPick(new PickContext(request, tried, cookie), out var lease, out var model);
        return RouteDecision.Of(outcome, frontend, backend, lease, model) with { Cookie = cookie };
    }

    // The name that calls keep their connections under, so that whoever asks for health uses the same.
    private static Uri CalledAs(Frontend frontend, Uri uri) =>
        new UriBuilder(uri.Scheme, frontend.CanonicalHost(uri.IdnHost), uri.Port).Uri;

    /// <summary>Chooses another endpoint of the same backend. The lease that the request had must have been given back: limits would count it twice.</summary>
    /// <param name="decision">With the backend.</param>
    /// <param name="request">The request, as it is now.</param>
    /// <param name="tried">Where it was sent to already.</param>
    /// <param name="orAgain">Whether one of them will do where there is no other.</param>
    /// <returns>Null where there is none. Without an endpoint where as much is under way to the backend as may be.</returns>
    public static RouteDecision? ForwardElsewhere(
        in RouteDecision decision, HttpRequestMessage request, IReadOnlyList<EndpointState> tried, bool orAgain = false)
    {
        var outcome = decision.Backend!.Cluster!.TryPick(new PickContext(request, tried, decision.Cookie), out var lease, out var model, orAgain);
        return outcome == PickOutcome.NoEndpoint
            ? null
            : RouteDecision.Of(outcome, decision.Frontend, decision.Backend, lease, model) with { Cookie = decision.Cookie };
    }
}
