using System.Runtime.CompilerServices;
using MeshSdk.Http.Attempts;
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

    private HttpRequestMessage Request => _call.Request;

    /// <summary>The answer; null where the rule has just gone out of force and nothing was sent: look again.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage?> SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            var decision = Router.Forward(frontend, _call.Decision.Rule!.NextBackend());
            if (decision.Endpoint is null && !IsInForce())
            {
                _call.Span?.Dispose();
                return null;
            }

            return await new RequestAttempts(engine, Request, frontend, client, _call.Span).SendAsync(decision, mirrors: null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _call.Journal.Undo();
        }
    }

    private bool IsInForce() => frontend.Routes is { } routes && routes.Rules.Contains(_call.Decision.Rule!);
}
