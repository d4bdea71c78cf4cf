using MeshSdk.Http.Rpc;
using MeshSdk.Resilience;
using MeshSdk.Routing;

namespace MeshSdk.Http.Attempts;

// Calls that wait until they can be sent. While one waits it has no lease and no timer but that of the whole request; the caller's token ends it, and what
// the channel then makes of that is its own.
internal sealed partial class RequestAttempts
{
    /// <summary>
    /// Waits for a change of the endpoints or of the identity, or after a failure to connect for the end of a backoff at most, and sees whether there is somebody to send to.
    /// </summary>
    /// <returns>False where the rule has gone out of force, or the mesh: the call is decided on anew, or has its answer where something of it was sent.</returns>
    private async ValueTask<bool> ReadyAsync()
    {
        _try?.Dispose();
        _try = null;

        // Who waits for endpoints is no retry under way, and holds up those of others for as long as it takes.
        EndRetry();

        // Asked for before anything is looked at.
        var changed = _decision.Backend!.Cluster!.Changed.Next;
        var routes = _frontend.Changed.Next;
        var switched = engine.Switched.Next;
        _tried?.ForEach(static endpoint => endpoint.Await());
        if (!MayGoOn())
        {
            return false;
        }

        if (HasEndpoint())
        {
            return true;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var wait = _unsent == Unsent.NoEndpoint ? Timeout.InfiniteTimeSpan : ConnectionBackoff.Wait(_waits++, engine.Attempts.Random.NextDouble());
        var over = Task.Delay(wait, engine.Attempts.Time, stop.Token);
        try
        {
            if (await Task.WhenAny(changed, routes, switched, over).ConfigureAwait(false) == changed)
            {
                _waits = 0;
            }
        }
        finally
        {
            // The delay also lets go of the signals, which may not be raised for a long time.
            await stop.CancelAsync().ConfigureAwait(false);
        }

        Token.ThrowIfCancellationRequested();
        _tried?.Clear();
        return MayGoOn();
    }

    // What was sent, or written by its caller, is nobody's to begin anew: a stream has no more to write, and a server may have acted on it. It stays with its
    // backend as it would between two tries, whatever becomes of the rule.
    private bool MayGoOn()
    {
        var isInForce = IsInForce();
        if (isInForce || !(_tries > 1 || Sends > 0 || _body.IsStarted))
        {
            return isInForce;
        }

        var backend = _decision.Backend!;
        if (engine.IsInForce && backend.Cluster!.Model is not null)
        {
            return true;
        }

        _decision = RouteDecision.NoEndpoint(_frontend, backend) with { Cookie = _decision.Cookie };
        _answer = Answer(_decision.Status, _decision.Flags, _decision.Reason);
        return false;
    }

    // What came while the call was on its way to somebody else, or was being decided on, wakes nobody. Where there was nobody at all, who was tried before is as
    // good as anyone who comes.
    private bool HasEndpoint()
    {
        if (_unsent == Unsent.LacksIdentity
            || RpcRouting.ForwardElsewhere(_rpc, _decision, _request, _tried ?? [], orAgain: _unsent == Unsent.NoEndpoint) is not { Lease: not null } next)
        {
            return false;
        }

        Take(next);
        return true;
    }

    private bool IsInForce() => engine.IsInForce && _frontend.HasInForce(_decision.Rule!);
}
