using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http.Attempts;

// Calls of which nothing was sent. A gRPC client picks among the endpoints that it has connections to; here the connection is made for the call, and so one
// that cannot be made leads to the next endpoint, whatever the route says of retries.
internal sealed partial class RequestAttempts
{
    /// <summary>An endpoint could not be reached by whoever tried before.</summary>
    public void Avoid(EndpointState endpoint) => (_tried ??= _rpc is null ? [] : [.. _rpc.Tried]).Add(endpoint);

    /// <summary>Goes on with an endpoint that was not tried yet, where there is one.</summary>
    private bool TryMoveOn(ref Exchange attempt, EndpointLease lease, Exception error)
    {
        if (!_isGrpc || !FailureKind.IsUnsent(error, Token))
        {
            return false;
        }

        Avoid(lease.Endpoint);
        if (Router.ForwardElsewhere(_decision, _request, _tried!) is not { } next)
        {
            return false;
        }

        (_decision, _leased) = (next, next.Lease);
        Sends--;
        Drop(ref attempt, lease, null, FailureKind.OutcomeOf(ResponseFlags.UpstreamConnectionFailure, error, lease.Endpoint));
        return true;
    }
}
