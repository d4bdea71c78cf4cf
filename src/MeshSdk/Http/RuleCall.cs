using MeshSdk.Http.Sessions;
using MeshSdk.Routing;

namespace MeshSdk.Http;

/// <summary>
/// One request under a rule that does more than forward: the rule's filters, then the choice of a backend, then the backend's filters, then the
/// attempts, then the filters of responses in reverse.
/// </summary>
internal sealed class RuleCall(MeshEngine engine, Exchange exchange, Frontend frontend, ClientSettings client)
{
    // The call's own changes to the message. Each attempt has a journal of its own on top of it.
    private Exchange _call = exchange;

    private readonly SessionCall? _session = SessionCall.Of(exchange.Decision.Rule!, exchange.Request, exchange.Journal, engine.Sessions);

    private HttpRequestMessage Request => _call.Request;

    /// <summary>The answer; null where the rule has just gone out of force and nothing was sent: look again.</summary>
    public async Task<HttpResponseMessage?> SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            var decision = _session?.Resume(frontend) ?? Router.Forward(frontend, _call.Decision.Rule!.NextBackend());
            if (decision.Endpoint is null && !IsInForce())
            {
                _call.Span?.Dispose();
                return null;
            }

            return await AttemptAsync(decision, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _call.Journal.Undo();
        }
    }

    private async Task<HttpResponseMessage> AttemptAsync(RouteDecision decision, CancellationToken cancellationToken)
    {
        var attempt = new Exchange(Request, decision) { Journal = new RequestJournal(Request), Span = _call.Span };
        if (decision.Endpoint is not { } endpoint)
        {
            engine.Answer(ref attempt, decision.Status, decision.Flags, decision.Reason, client);
            return attempt.Reply!;
        }

        engine.Prepare(ref attempt, endpoint, frontend, client);
        if (attempt.Reply is { } refusal)
        {
            endpoint.Release();
            return refusal;
        }

        HttpResponseMessage response;
        try
        {
            response = await attempt.Connections!.SendAsync(Request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (engine.Fail(ref attempt, e, client, cancellationToken) is not { } answer)
            {
                throw;
            }

            return answer;
        }

        response = engine.Complete(ref attempt, response, client);
        _session?.Complete(response, attempt.Decision);
        return response;
    }

    private bool IsInForce() => frontend.Routes is { } routes && routes.Rules.Contains(_call.Decision.Rule!);
}
