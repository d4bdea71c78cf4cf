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

    // The attempts of a channel and those of a rule add up at most. Hedges are the attempts of a call where its channel makes them: each is sent once. What a
    // service config says of retries is for that method, and what the mesh does by default is for whoever says nothing. Where the mesh does not know of the
    // channel's, for it was given nothing but a handler, those that follow the first one are sent once.
    private RouteRetry? RetryOf(RouteRule rule) =>
        rule.Retry is not { Attempts: > 0 } retry ? null
        : _rpc is { IsHedged: true } || (_rpc is { IsRetried: true } && retry.IsDefault) ? null
        : _rpc is null && _isGrpc && PreviousAttempts.Of(_request) > 0 ? null
        : retry;

    private RetryVerdict DecideOn(HttpResponseMessage response) =>
        _isGrpc ? DecideOnCall(response)
        : _retry!.Codes.Contains((int)response.StatusCode) ? Decide(wasSent: true)
        : RetryVerdict.No;

    private RetryVerdict DecideOnCall(HttpResponseMessage response)
    {
        var status = GrpcCall.TrailersOnlyStatusOf(response);
        if (status is null && response.IsSuccessStatusCode)
        {
            // The headers of a response commit the call to it, whatever its trailers are going to say.
            return RetryVerdict.No;
        }

        var isListed = (status is { } code && IsListed(code)) || (!response.IsSuccessStatusCode && _retry!.Codes.Contains((int)response.StatusCode));
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

    // A proxy looks at a status of HTTP where a code of HTTP is listed, and that is 200. What a route lists holds for what a code of gRPC stands for.
    private bool IsListed(int status) =>
        _retry!.GrpcStatuses.Contains(status) || (status != 0 && !_retry.IsDefault && _retry.Codes.Contains(GrpcCall.HttpStatusFor(status)));

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
