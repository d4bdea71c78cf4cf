using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MeshSdk.Http.Rpc;
using MeshSdk.LoadBalancing;
using MeshSdk.Resilience;
using MeshSdk.Routing;
using MeshSdk.Transport;
using Polly;

namespace MeshSdk.Http.Attempts;

// One try: an endpoint, its timer, the sending.
internal sealed partial class RequestAttempts
{
    /// <returns>Whether to try again.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<RetryCue>> TryAsync()
    {
        _tries++;
        try
        {
            while (true)
            {
                if (_unsent >= Unsent.NoEndpoint && !await ReadyAsync().ConfigureAwait(false))
                {
                    return Outcome.FromResult(default(RetryCue));
                }

                _unsent = Unsent.No;
                var isToBeRetried = await SendOnceAsync().ConfigureAwait(false);
                if (_unsent == Unsent.No)
                {
                    return Outcome.FromResult(Cue(isToBeRetried));
                }
            }
        }
        catch (Exception e)
        {
            _unsent = Unsent.No;
            return Outcome.FromException<RetryCue>(e);
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
            if (Awaits(_decision))
            {
                _unsent = Unsent.NoEndpoint;
                return false;
            }

            _answer = Answer(_decision.Status, _decision.Flags, _decision.Reason);
            return false;
        }

        var lease = _leased!;
        var attempt = Begin();
        try
        {
            if (_isGrpc && _tries > 1 && _arrivals > 0)
            {
                PreviousAttempts.Add(_request, ref attempt.Journal, _arrivals);
            }

            engine.Prepare(ref attempt, lease, _frontend, _client);
        }
        catch
        {
            attempt.Journal.Undo();
            throw;
        }

        if (attempt.Reply is { } refusal)
        {
            _answer = refusal;
            return false;
        }

        _leased = null;
        if (attempt.Connections is null)
        {
            attempt.Journal.Undo();
            lease.Release();
            _unsent = Unsent.LacksIdentity;
            return false;
        }

        Sends++;
        _rpc?.Note(lease.Endpoint);
        if (_mirrors is { } mirrors)
        {
            // The messages are the mirrors' from here on, whether or not this try finds a connection.
            _mirrors = null;
            engine.Attempts.Mirrors.Start(mirrors, _body.Copy, lease.Endpoint.IsEncrypted);
        }

        // It may run already: to wait for an endpoint that leaves meanwhile is a part of the try.
        _try ??= _limits.BackendRequest is { } bound ? engine.Attempts.Deadlines.Rent(bound, Token) : null;
        var stop = _try?.Token ?? Token;
        _body.Begin(stop);
        TellTimeLeft();
        HttpResponseMessage? response = null;
        try
        {
            response = await attempt.Connections!.SendAsync(_request, stop).ConfigureAwait(false);
            if (_body.Sending is { } sending && await sending.WaitAsync(stop).ConfigureAwait(false) is { } error and not OperationCanceledException)
            {
                // As the HTTP stack would have done. It cancels a body by itself that the server wants no more of.
                ExceptionDispatchInfo.Throw(error);
            }
        }
        catch (ConnectionOverflowException e)
        {
            return Overflow(ref attempt, lease, e);
        }
        catch (EndpointLeftException)
        {
            Withdraw(ref attempt, lease);
            return await SendOnceAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Before the lease goes back, and its connection with it.
            var wasWaiting = lease.IsWaiting;
            if (response is null && TryMoveOn(ref attempt, lease, e))
            {
                return false;
            }

            if (response is not null || !(wasWaiting || FailureKind.IsUnsent(e, Token) || FailureKind.IsLackOfIdentity(e)))
            {
                _arrivals++;
            }

            return Fail(ref attempt, lease, response, e, wasWaiting);
        }

        _arrivals++;
        if (_isGrpc && _retry is not null)
        {
            // Before it is judged by what it says.
            RpcFailure.Receive(response.Headers);
        }

        return Judge(ref attempt, lease, response);
    }

    // Nothing was sent, and the endpoint has nothing to do with it.
    private bool Overflow(ref Exchange attempt, EndpointLease lease, ConnectionOverflowException error)
    {
        Withdraw(ref attempt, lease);
        _decision = MeshEngine.Overflowed(attempt, error).Decision;
        _answer = Answer(_decision.Status, _decision.Flags, _decision.Reason);
        return false;
    }

    private void Withdraw(ref Exchange attempt, EndpointLease lease)
    {
        Sends--;
        attempt.Journal.Undo();
        lease.Release();
    }

    // Stays with the backend that was chosen.
    private bool PickAgain()
    {
        if (_decision.Endpoint is { } last)
        {
            Avoid(last);
        }

        var backend = _decision.Backend!;
        IReadOnlyList<EndpointState>? tried = _rpc is null ? _tried : [.. _rpc.Tried, .. _tried ?? []];
        var outcome = backend.Cluster!.TryPick(new PickContext(_request, tried, _decision.Cookie), out _leased, out var model);
        _decision = RouteDecision.Of(outcome, _frontend, backend, _leased, model) with { Cookie = _decision.Cookie };
        if (_leased is not null)
        {
            _rpc?.Note(_leased.Endpoint);
        }

        return _leased is not null;
    }
}
