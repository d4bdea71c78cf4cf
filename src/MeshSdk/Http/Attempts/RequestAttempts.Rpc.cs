using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Routing;

namespace MeshSdk.Http.Attempts;

// What gRPC has of its own: replies that consist of a status alone, servers that say when to come back, clients that hold themselves back.
internal sealed partial class RequestAttempts
{
    // What the server has asked for, until the wait begins.
    private TimeSpan? _pushback;

    // How many waits of the backoff came since the last one that a server asked for.
    private int _step;
    private RetryCue _cue;

    // Hedges are the attempts of a call where its channel makes them: each is sent once.
    private static RouteRetry? RetryOf(RouteRule rule, RpcCall? rpc) => rule.Retry is { Attempts: > 0 } retry && rpc is not { IsHedged: true } ? retry : null;

    private RetryVerdict DecideOn(HttpResponseMessage response) =>
        _isGrpc && GrpcCall.TrailersOnlyStatusOf(response) is { } status ? DecideOn(response, status)
        : IsListed(response) ? Decide(wasSent: true)
        : RetryVerdict.No;

    // The headers of a gRPC response commit the call to it, whatever its trailers are going to say.
    private bool IsListed(HttpResponseMessage response) =>
        _retry!.Codes.Contains((int)response.StatusCode) && !(_isGrpc && response.IsSuccessStatusCode);

    private RetryVerdict DecideOn(HttpResponseMessage response, int status)
    {
        var isListed = _retry!.GrpcStatuses.Contains(status) || (status != 0 && _retry.Codes.Contains(GrpcCall.HttpStatusFor(status))) || IsListed(response);
        var isPermitted = RetryPushback.Permits(response, out var wait);
        if (isListed || !isPermitted)
        {
            _rpc?.Throttle?.Fail();
        }

        if (!isListed || !isPermitted)
        {
            return RetryVerdict.No;
        }

        _pushback = wait;
        return Decide(wasSent: true);
    }

    /// <summary>What an endpoint is charged with: where a reply consists of its status alone, the status of HTTP that it stands for.</summary>
    private int ChargeOf(HttpResponseMessage? response) =>
        response is null ? 0
        : _isGrpc && response.IsSuccessStatusCode && GrpcCall.TrailersOnlyStatusOf(response) is { } status ? GrpcCall.HttpStatusFor(status)
        : (int)response.StatusCode;

    private RetryCue Cue(bool isRetry)
    {
        if (isRetry)
        {
            _cue = new RetryCue(IsRetry: true, _pushback, _step);
            (_pushback, _step) = (null, _pushback is null ? _step + 1 : 0);
        }

        return isRetry ? _cue : default;
    }
}
