using System.Runtime.CompilerServices;
using MeshSdk.Routing;
using Polly;

namespace MeshSdk.Http.Attempts;

// One try: an endpoint, its timer, the sending.
internal sealed partial class RequestAttempts
{
    /// <returns>Whether to try again.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<bool>> TryAsync()
    {
        try
        {
            return Outcome.FromResult(await SendOnceAsync().ConfigureAwait(false));
        }
        catch (Exception e)
        {
            return Outcome.FromException<bool>(e);
        }
        finally
        {
            _try?.Dispose();
            _try = null;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SendOnceAsync()
    {
        if (_leased is null && !PickAgain())
        {
            _answer = Answer(_decision.Status, _decision.Flags, _decision.Reason);
            return false;
        }

        var endpoint = _leased!;
        var attempt = Begin();
        engine.Prepare(ref attempt, endpoint, _frontend, _client);
        if (attempt.Reply is { } refusal)
        {
            _answer = refusal;
            return false;
        }

        _leased = null;
        Sends++;
        if (Sends == 1 && _mirrors is not null)
        {
            engine.Attempts.Mirrors.Start(_mirrors, _body.Copy, EndpointSecurity.IsSecured(endpoint));
        }

        _try = _limits.BackendRequest is { } bound ? engine.Attempts.Deadlines.Rent(bound, Token) : null;
        HttpResponseMessage response;
        try
        {
            response = await attempt.Connections!.SendAsync(_request, _try?.Token ?? Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return Fail(ref attempt, endpoint, e);
        }

        return Judge(ref attempt, endpoint, response);
    }

    // Stays with the backend that was chosen.
    private bool PickAgain()
    {
        (_tried ??= []).Add(_decision.Endpoint!);
        var backend = _decision.Backend!;
        if (!backend.Cluster!.TryPick(_tried, out var endpoint, out var model))
        {
            _decision = RouteDecision.NoEndpoint(_frontend, backend);
            return false;
        }

        _decision = RouteDecision.Forward(_frontend, backend, endpoint, model);
        _leased = endpoint;
        return true;
    }
}
