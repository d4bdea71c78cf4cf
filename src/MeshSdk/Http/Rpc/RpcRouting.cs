using MeshSdk.Routing;
using MeshSdk.Transport;

namespace MeshSdk.Http.Rpc;

/// <summary>Decides on the attempts of one call: its rule and its backend once, its endpoint for each of them.</summary>
internal static class RpcRouting
{
    /// <returns>Null where the frontend has just left the mesh.</returns>
    public static RouteDecision? Decide(RpcCall call, Frontend frontend, HttpRequestMessage request)
    {
        // Hedges may begin at once: the second one must see what was decided for the first.
        lock (call)
        {
            return DecideNext(call, frontend, request);
        }
    }

    private static RouteDecision? DecideNext(RpcCall call, Frontend frontend, HttpRequestMessage request)
    {
        if (call.Rule is { } kept && kept.Frontend.Id != frontend.Id)
        {
            // The same method of another service, called by whatever stands between the call and its attempts.
            return Router.Decide(frontend, request);
        }

        if (call.Rule is { OnlyForwards: true } && call.Backend is { Cluster.Model: not null } backend)
        {
            return Noted(call, Router.Forward(frontend, backend, request, call.Tried));
        }

        if (call.Rule is { OnlyForwards: false } rule)
        {
            return RouteDecision.Ruled(frontend, rule);
        }

        call.Forget();
        return Router.Decide(frontend, request) is { } decision ? Noted(call, decision) : null;
    }

    /// <summary>Chooses the endpoint of an attempt whose rule has chosen its backend.</summary>
    /// <param name="call">Whose attempt it is; null for a request that is all there is of its call.</param>
    /// <param name="frontend">What was called.</param>
    /// <param name="backend">One of its backends.</param>
    /// <param name="request">The attempt, as it is now.</param>
    public static RouteDecision Forward(RpcCall? call, Frontend frontend, BoundBackend backend, HttpRequestMessage request)
    {
        if (call is null)
        {
            return Router.Forward(frontend, backend, request);
        }

        // As above: a hedge that picks before the endpoint of another one is noted might pick the same.
        lock (call)
        {
            var decision = Router.Forward(frontend, backend, request, call.Tried);
            if (decision.Endpoint is { } endpoint)
            {
                call.Note(endpoint);
            }

            return decision;
        }
    }

    /// <summary>Chooses another endpoint for an attempt, see <see cref="Router.ForwardElsewhere"/>: where there is one, one that no other attempt went to.</summary>
    /// <param name="call">The call; null where the attempt is the only one.</param>
    /// <param name="decision">With the backend.</param>
    /// <param name="request">The request, as it is now.</param>
    /// <param name="tried">Where the attempt itself was sent to already.</param>
    /// <param name="orAgain">Whether one of those will do where there is no other.</param>
    public static RouteDecision? ForwardElsewhere(
        RpcCall? call, in RouteDecision decision, HttpRequestMessage request, IReadOnlyList<EndpointState> tried, bool orAgain = false) =>
        (call is null ? null : Router.ForwardElsewhere(decision, request, [.. call.Tried, .. tried])) ?? Router.ForwardElsewhere(decision, request, tried, orAgain);

    /// <summary>Keeps what was decided.</summary>
    public static RouteDecision Noted(RpcCall call, in RouteDecision decision)
    {
        if (decision.Rule is { } rule)
        {
            call.Keep(rule);
        }

        if (decision.Backend is { } backend)
        {
            call.Keep(backend);
        }

        if (decision.Endpoint is { } endpoint)
        {
            call.Note(endpoint);
        }

        return decision;
    }
}
