using MeshSdk.Http.Rpc;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http.Attempts;

// Calls that nobody has acted on. A gRPC client picks among the endpoints that it has connections to; here the connection is made for the call, and so one
// that cannot be made leads to the next endpoint, whatever the route says of retries. What a server refuses is sent once more.
internal sealed partial class RequestAttempts
{
    /// <summary>Goes on with a call that was not sent by whoever tried before.</summary>
    /// <param name="unsent">Why.</param>
    /// <param name="tried">Who could not be reached, or refused; null for nobody.</param>
    public void Resume(Unsent unsent, EndpointState? tried)
    {
        _wasRefused = unsent == Unsent.Refused;
        _unsent = unsent >= Unsent.NoEndpoint ? unsent : Unsent.No;
        if (tried is not null)
        {
            Avoid(tried);
        }
    }

    private void Avoid(EndpointState endpoint)
    {
        _tried ??= [];
        if (!_tried.Contains(endpoint))
        {
            _tried.Add(endpoint);
        }
    }

    // A call waits only for what may come: not for a rule, nor until others are done.
    private bool Awaits(in RouteDecision decision) =>
        decision.Flags == ResponseFlags.NoHealthyUpstream && _isGrpc && WaitForReady.IsAsked(_request);

    /// <summary>Sees to a call that was not acted on: by another endpoint, or by waiting for one. What is to be done is then in <see cref="_unsent"/>.</summary>
    /// <returns>False where the try has failed like any other.</returns>
    private bool TryMoveOn(ref Exchange attempt, EndpointLease lease, Exception error)
    {
        if (!_isGrpc || UnsentCalls.Of(error, _request, MayBeRefused, Token) is var unsent && unsent == Unsent.No)
        {
            return false;
        }

        if (unsent == Unsent.Refused && !_body.TryDetach() && !HasOneMessage)
        {
            // The caller has just written what is too much to keep.
            return false;
        }

        // Before another one is picked: limits of the cluster would count the call twice.
        Avoid(lease.Endpoint);
        Drop(ref attempt, lease, null, FailureKind.OutcomeOf(FailureKind.Of(error, hasBody: true, Token), error, lease.Endpoint));
        var next = unsent == Unsent.LacksIdentity ? null : RpcRouting.ForwardElsewhere(_rpc, _decision, _request, _tried!, orAgain: unsent == Unsent.Refused);
        if (next is null && !WaitForReady.IsAsked(_request))
        {
            _isLetGo = true;
            return false;
        }

        Sends--;
        _wasRefused |= unsent == Unsent.Refused;
        if (next is not { } decision)
        {
            _unsent = unsent == Unsent.Refused ? Unsent.NoEndpoint : unsent;
        }
        else if (decision.Lease is null)
        {
            _decision = decision;
            _answer = Answer(decision.Status, decision.Flags, decision.Reason);
        }
        else
        {
            Take(decision);
        }

        return true;
    }

    private void Take(in RouteDecision next)
    {
        (_decision, _leased, _unsent) = (next, next.Lease, Unsent.Elsewhere);
        _rpc?.Note(next.Endpoint!);
    }

    // Once: a server that refuses twice means it. What a stream has read from its caller is not there any more.
    private bool MayBeRefused => !_wasRefused && (_body.CanBeSentAgain || HasOneMessage);

    private bool HasOneMessage => UnsentCalls.HasOneMessage(engine.Methods.KindOf(_request, _asked));
}
