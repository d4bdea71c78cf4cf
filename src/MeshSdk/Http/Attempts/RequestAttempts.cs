using System.Diagnostics;
using System.Runtime.CompilerServices;
using MeshSdk.Http.Bodies;
using MeshSdk.Http.Mirroring;
using MeshSdk.Http.Rpc;
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
/// its own; the request is counted once, by what the caller gets to see. Part of a <see cref="RuleCall"/>, and used again with it.
/// </summary>
internal sealed partial class RequestAttempts(MeshEngine engine)
{
    private HttpRequestMessage _request = null!;

    // What its caller has asked for, whatever filters have made of it.
    private Uri? _asked;
    private Frontend _frontend = null!;
    private ClientSettings _client = null!;
    private Activity? _span;
    private RpcCall? _rpc;

    // Whether it is a gRPC call, of whatever kind.
    private bool _isGrpc;
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
    private EndpointLease? _leased;

    // What is to be done about a call that was not sent.
    private Unsent _unsent;
    private bool _wasRefused;

    // The lease of the try that failed has gone back already.
    private bool _isLetGo;
    private int _waits;

    // A gRPC call's own timeout, and since when it runs.
    private string? _callersTimeout;
    private long _since;
    private bool _isTimeoutRead;
    private bool _isTimeoutChanged;

    // Where a retry is counted, from the decision for it until it is judged itself.
    private RetryLimit? _retries;
    private HttpResponseMessage? _answer;
    private bool _isRetrying;
    private int _tries;

    // Tries that a server may have seen something of.
    private int _arrivals;

    // Whoever counted it has also undone what was changed, and ended its span.
    private bool _isCounted;

    /// <summary>The endpoint that was tried last.</summary>
    public RouteDecision Decision => _decision;

    /// <summary>How often it was sent; a try that found no connection is none.</summary>
    public int Sends { get; private set; }

    /// <summary>What telemetry says of the response that is returned.</summary>
    public string Flags { get; private set; } = ResponseFlags.None;

    /// <summary>Takes on a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="frontend">What was called.</param>
    /// <param name="client">Who calls.</param>
    /// <param name="span">The client span; null where nobody listens.</param>
    /// <param name="rpc">The gRPC call of which this is one of several attempts; null for none.</param>
    /// <param name="asked">What the caller has asked for; null where no filter has had a chance to rewrite it.</param>
    /// <param name="began">When the call began, where it did before; 0: now.</param>
    public void Start(
        HttpRequestMessage request, Frontend frontend, ClientSettings client, Activity? span, RpcCall? rpc = null, Uri? asked = null, long began = 0)
    {
        _asked = asked ?? request.RequestUri;
        (_request, _frontend, _client, _span, _rpc) = (request, frontend, client, span, rpc);
        _isGrpc = GrpcCall.Is(request);
        _since = began == 0 && _isGrpc ? engine.Attempts.Time.GetTimestamp() : began;
    }

    /// <summary>Lets go of all that belongs to the request.</summary>
    public void Clear()
    {
        (_request, _frontend, _client, _span, _rpc, _isGrpc) = (null!, null!, null!, null, null, false);
        (_decision, _mirrors, _limits, _retry, _caller) = (default, null, default, null, default);
        (_unsent, _wasRefused, _isLetGo, _waits, _callersTimeout, _since, _isTimeoutRead, _isTimeoutChanged) = (Unsent.No, false, false, 0, null, 0, false, false);
        (_deadline, _try, _body, _tried, _leased, _answer) = (null, null, default, null, null, null);
        (_pushback, _step, _cue) = (null, 0, default);
        (_asked, _arrivals) = (null, 0);
        (_isRetrying, _isCounted, _tries, Sends, Flags, _retries) = (false, false, 0, 0, ResponseFlags.None, null);
    }

    /// <param name="decision">The backend, and the endpoint for the first try, if there is one.</param>
    /// <param name="mirrors">Copies that go out when the first try does; null for none.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>Null where the call waited until it could be sent, and its rule has gone out of force meanwhile: look again.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage?> SendAsync(RouteDecision decision, IReadOnlyList<MirrorCall>? mirrors, CancellationToken cancellationToken)
    {
        (_decision, _caller, _leased) = (decision, cancellationToken, decision.Lease);
        _mirrors = mirrors is { Count: > 0 } ? mirrors : null;
        if (_leased is null && _unsent == Unsent.No)
        {
            if (!Awaits(decision))
            {
                return Answer(decision.Status, decision.Flags, decision.Reason);
            }

            _unsent = Unsent.NoEndpoint;
        }

        try
        {
            var rule = decision.Rule!.Rule;
            _limits = RouteLimits.For(rule, _request, _asked, engine.Methods);
            _retry = RetryOf(rule);
            _deadline = _limits.Request is { } bound ? engine.Attempts.Deadlines.Rent(bound, cancellationToken) : null;
            var outcome = await RunAsync().ConfigureAwait(false);
            return _answer ?? (_unsent == Unsent.No ? Unanswered(outcome.Exception) : null);
        }
        finally
        {
            _leased?.Release();
            EndRetry();
            _deadline?.Dispose();
            RestoreTimeout(isOver: _answer is not null || _unsent == Unsent.No);
            _body.Restore(_request);
        }
    }

    /// <summary>The body of the response that is returned. The timers are its own from then on.</summary>
    public OutcomeContent Own(HttpResponseMessage response, CallOutcome outcome, RpcOrigin origin)
    {
        var timers = new TryTimers(_decision.Rule!, _deadline, _try);
        if (Tunnel.Begins(_request, response))
        {
            // What follows is no response any more, and has no end to wait for.
            timers = timers with { Request = null, Attempt = null };
        }
        else
        {
            (_deadline, _try) = (null, null);
        }

        var throttle = _retry is null ? null : _rpc?.Throttle;
        return timers.IsRunning || Flags != ResponseFlags.None || throttle is not null
            ? new TimedContent(response, outcome, timers, Flags, origin, engine.Methods.DeadlineExceeded) { Throttle = throttle }
            : new OutcomeContent(response, outcome, origin);
    }

    private CancellationToken Token => _deadline?.Token ?? _caller;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<RetryCue>> RunAsync()
    {
        if (_retry is not null || _mirrors is not null)
        {
            try
            {
                _body = await ReplayedBody.PrepareAsync(
                    _request, engine.Attempts.Kept, engine.Methods, _retry is not null, _mirrors is not null, Token, _caller).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // The caller's own body could not be read, and waiting helps nothing.
                _unsent = Unsent.No;
                return Outcome.FromException<RetryCue>(e);
            }
        }

        // Nearly all requests end here, and pay for no retries.
        var first = await TryAsync().ConfigureAwait(false);
        if (_retry is null || first is not { Exception: null, Result.IsRetry: true })
        {
            return first;
        }

        return await RetryAsync().ConfigureAwait(false);
    }

    private async ValueTask<Outcome<RetryCue>> RetryAsync()
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
    private ValueTask<Outcome<RetryCue>> TryAgainAsync()
    {
        if (_isRetrying)
        {
            return TryAsync();
        }

        _isRetrying = true;
        return new ValueTask<Outcome<RetryCue>>(Outcome.FromResult(_cue));
    }
}
