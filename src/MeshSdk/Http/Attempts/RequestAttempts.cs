using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MeshSdk.Http.Bodies;
using MeshSdk.Http.Mirroring;
using MeshSdk.Http.Timeouts;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;
using Polly;

namespace MeshSdk.Http.Attempts;

/// <summary>
/// Sends one request to the backend that was chosen, as often and as long as its rule allows. Each try has an endpoint, a lease, a journal and a timer of
/// its own; the request is counted once, by what the caller gets to see.
/// </summary>
internal sealed class RequestAttempts(MeshEngine engine, HttpRequestMessage request, Frontend frontend, ClientSettings client, Activity? span)
{
    private RouteDecision _decision;
    private IReadOnlyList<MirrorCall>? _mirrors;
    private RouteLimits _limits;
    private RouteRetry? _retry;
    private CancellationToken _caller;
    private Deadline? _deadline;
    private Deadline? _try;
    private ReplayedBody _body;
    private List<EndpointState>? _tried;

    // Picked, and not sent to yet.
    private EndpointState? _leased;
    private HttpResponseMessage? _answer;
    private bool _isRetrying;

    // Whoever counted it has also undone what was changed, and ended its span.
    private bool _isCounted;

    /// <summary>The endpoint that was tried last.</summary>
    public RouteDecision Decision => _decision;

    /// <summary>How often it was sent.</summary>
    public int Sends { get; private set; }

    /// <summary>What telemetry says of the response that is returned.</summary>
    public string Flags { get; private set; } = ResponseFlags.None;

    /// <param name="decision">The backend, and the endpoint for the first try, if there is one.</param>
    /// <param name="mirrors">Copies that go out when the first try does; null for none.</param>
    /// <param name="cancellationToken">The caller's.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage> SendAsync(RouteDecision decision, IReadOnlyList<MirrorCall>? mirrors, CancellationToken cancellationToken)
    {
        (_decision, _caller, _leased) = (decision, cancellationToken, decision.Endpoint);
        _mirrors = mirrors is { Count: > 0 } ? mirrors : null;
        if (_leased is null)
        {
            return Answer(decision.Status, decision.Flags, decision.Reason);
        }

        try
        {
            var rule = decision.Rule!.Rule;
            _limits = RouteLimits.For(rule, request);
            _retry = rule.Retry is { Attempts: > 0 } retry ? retry : null;
            _deadline = _limits.Request is { } bound ? engine.Attempts.Deadlines.Rent(bound, cancellationToken) : null;
            var outcome = await RunAsync().ConfigureAwait(false);
            return _answer ?? Unanswered(outcome.Exception);
        }
        finally
        {
            _body.Restore(request);
            _leased?.Release();
            _deadline?.Dispose();
        }
    }

    /// <summary>The body of the response that is returned. The timers are its own from then on.</summary>
    public OutcomeContent Own(HttpResponseMessage response, CallOutcome outcome)
    {
        var timers = new TryTimers(_decision.Rule!, _deadline, _try);
        if (response.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols)
        {
            // What follows an upgrade is no response any more, and has no end to wait for.
            timers = timers with { Request = null, Attempt = null };
        }
        else
        {
            (_deadline, _try) = (null, null);
        }

        return timers.IsRunning || Flags != ResponseFlags.None ? new TimedContent(response, outcome, timers, Flags) : new OutcomeContent(response, outcome);
    }

    private CancellationToken Token => _deadline?.Token ?? _caller;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<bool>> RunAsync()
    {
        if (_retry is not null || _mirrors is not null)
        {
            try
            {
                _body = await ReplayedBody.PrepareAsync(request, _retry is not null, _mirrors is not null, Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // The caller's own body could not be read.
                return Outcome.FromException<bool>(e);
            }
        }

        // Nearly all requests end here, and pay for no retries.
        var first = await TryAsync().ConfigureAwait(false);
        if (_retry is null || first is not { Exception: null, Result: true })
        {
            return first;
        }

        return await RetryAsync().ConfigureAwait(false);
    }

    private async ValueTask<Outcome<bool>> RetryAsync()
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, Token);
        try
        {
            return await engine.Attempts.Retries.For(_retry!)
                .ExecuteOutcomeAsync(static (_, attempts) => attempts.TryAgainAsync(), context, this).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // The pipeline begins with the try that has failed already.
    private ValueTask<Outcome<bool>> TryAgainAsync()
    {
        if (_isRetrying)
        {
            return TryAsync();
        }

        _isRetrying = true;
        return new ValueTask<Outcome<bool>>(Outcome.FromResult(true));
    }

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
        engine.Prepare(ref attempt, endpoint, frontend, client);
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
            response = await attempt.Connections!.SendAsync(request, _try?.Token ?? Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return Fail(ref attempt, endpoint, e);
        }

        return Judge(ref attempt, endpoint, response);
    }

    private bool Judge(ref Exchange attempt, EndpointState endpoint, HttpResponseMessage response)
    {
        var verdict = _retry is null || !_retry.Codes.Contains((int)response.StatusCode) ? RetryVerdict.No : Decide(wasSent: true);
        if (verdict is RetryVerdict.Yes or RetryVerdict.OverBudget)
        {
            Drop(ref attempt, endpoint, response, ResponseFlags.None);
            if (verdict == RetryVerdict.OverBudget)
            {
                _answer = OverBudget();
            }

            return verdict == RetryVerdict.Yes;
        }

        Flags = verdict == RetryVerdict.Exhausted ? ResponseFlags.UpstreamRetryLimitExceeded : ResponseFlags.None;
        RequestSpan.Choose(attempt.Span, _decision, Sends);
        _isCounted = true;
        _answer = engine.Complete(ref attempt, response, client, this);
        return false;
    }

    private bool Fail(ref Exchange attempt, EndpointState endpoint, Exception error)
    {
        var isOver = error is OperationCanceledException && !_caller.IsCancellationRequested && _deadline is { IsExpired: true };
        var isLate = isOver || (error is OperationCanceledException && !_caller.IsCancellationRequested && _try is { IsExpired: true });
        var flags = isLate ? ResponseFlags.UpstreamRequestTimeout : FailureKind.Of(error, _caller);
        var verdict = flags is null || isOver || _retry is null || !IsRetried(flags)
            ? RetryVerdict.No
            : Decide(wasSent: flags != ResponseFlags.UpstreamConnectionFailure);
        Drop(ref attempt, endpoint, null, flags ?? ResponseFlags.None);
        switch (verdict)
        {
            case RetryVerdict.Yes:
                return true;
            case RetryVerdict.OverBudget:
                _answer = OverBudget();
                return false;
        }

        if (flags is null)
        {
            throw Lost(error);
        }

        var reason = isLate
            ? TryTimers.Describe($"{endpoint} did not answer", _decision.Rule!, isOver)
            : $"{endpoint} {FailureKind.Describe(flags)}: {FailureKind.Cause(error)}";
        _answer = Answer(
            isLate ? 504 : FailureKind.StatusFor(flags), verdict == RetryVerdict.Exhausted ? ResponseFlags.Exhausted(flags) : flags, reason);
        return false;
    }

    // A peer that breaks the rules of HTTP is answered for with 502, and retried where that is listed.
    private bool IsRetried(string flags) => flags != ResponseFlags.UpstreamProtocolError || _retry!.Codes.Contains(FailureKind.StatusFor(flags));

    /// <summary>Whether a try that may be retried is.</summary>
    private RetryVerdict Decide(bool wasSent) =>
        _caller.IsCancellationRequested || _deadline is { IsExpired: true } || (wasSent && !_body.CanBeSentAgain) || RetryOptOut.IsSet(request) ? RetryVerdict.No
        : Sends > _retry!.Attempts ? RetryVerdict.Exhausted
        : _decision.Backend!.Cluster!.TryRetry() ? RetryVerdict.Yes
        : RetryVerdict.OverBudget;

    // Stays with the backend that was chosen.
    private bool PickAgain()
    {
        (_tried ??= []).Add(_decision.Endpoint!);
        var backend = _decision.Backend!;
        if (!backend.Cluster!.TryPick(_tried, out var endpoint, out var model))
        {
            _decision = RouteDecision.NoEndpoint(frontend, backend);
            return false;
        }

        _decision = RouteDecision.Forward(frontend, backend, endpoint, model);
        _leased = endpoint;
        return true;
    }

    // Not the request's outcome, but the endpoint's.
    private static void Drop(ref Exchange attempt, EndpointState endpoint, HttpResponseMessage? response, string flags)
    {
        attempt.Journal.Undo();
        var outcome = new CallOutcome(endpoint, telemetry: null, response is null ? 0 : (int)response.StatusCode, isGrpc: false);
        try
        {
            // Reads on for a while, so that the connection can be used again.
            response?.Dispose();
        }
        finally
        {
            outcome.Pay(flags, response);
        }
    }

    // Stopped between two tries, or before the first.
    private HttpResponseMessage Unanswered(Exception? error)
    {
        if (!_isCounted)
        {
            if (_deadline is { IsExpired: true } && !_caller.IsCancellationRequested && error is null or OperationCanceledException)
            {
                return Answer(504, ResponseFlags.UpstreamRequestTimeout, TryTimers.Describe("No answer came", _decision.Rule!, isRequest: true));
            }

            error = Lost(error ?? new OperationCanceledException(_caller));
        }

        ExceptionDispatchInfo.Throw(error!);
        return null;
    }

    private Exception Lost(Exception error)
    {
        _isCounted = true;
        var attempt = Begin();
        engine.Lose(ref attempt, error, client, Sends, _caller);

        // The token of a deadline means nothing to the caller.
        return error is OperationCanceledException cancelled && cancelled.CancellationToken != _caller && _caller.IsCancellationRequested
            ? new TaskCanceledException(error.Message, error, _caller)
            : error;
    }

    private HttpResponseMessage OverBudget() =>
        Answer(503, ResponseFlags.UpstreamOverflow, $"the retry budget of {_decision.Backend!.Model.Cluster} is used up");

    private HttpResponseMessage Answer(int status, string flags, string reason)
    {
        _isCounted = true;
        var attempt = Begin();
        RequestSpan.Choose(span, _decision, Sends);
        engine.Answer(ref attempt, status, flags, reason, client, Sends);
        return attempt.Reply!;
    }

    private Exchange Begin() => new(request, _decision) { Journal = new RequestJournal(request), Span = span };

    private enum RetryVerdict
    {
        No,
        Yes,
        Exhausted,
        OverBudget,
    }
}
