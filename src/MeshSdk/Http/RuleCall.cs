using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MeshSdk.Http.Attempts;
using MeshSdk.Http.Filters;
using MeshSdk.Http.Mirroring;
using MeshSdk.Http.Rpc;
using MeshSdk.Http.Sessions;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// One request under a rule that does more than forward: the rule's filters, then the choice of a backend, then the backend's filters, then the
/// attempts, then the filters of responses in reverse. When the answer is there the object goes back to the <see cref="RuleCallPool"/>, whether or not
/// the body of the response has ended: that body owns what it needs.
/// </summary>
internal sealed class RuleCall(MeshEngine engine, RuleCallPool pool)
{
    private readonly RequestAttempts _attempts = new(engine);

    // The call's own changes to the message. Each attempt has a journal of its own on top of it.
    private Exchange _call;
    private Frontend _frontend = null!;
    private ClientSettings _client = null!;
    private FilterRun? _filters;
    private SessionCall? _session;

    // Set where a try was made already: where the next one goes.
    private RouteDecision? _next;

    private HttpRequestMessage Request => _call.Request;

    private BoundRule Rule => _call.Decision.Rule!;

    /// <summary>Takes on a request, for which <see cref="Send"/> or <see cref="SendAsync"/> is called once.</summary>
    public void Start(in Exchange exchange, Frontend frontend, ClientSettings client)
    {
        (_call, _frontend, _client) = (exchange, frontend, client);
        _session = SessionCall.Of(Rule, Request, exchange.Journal, engine.Sessions, exchange.Rpc?.Session);
    }

    /// <summary>Takes on a call that was not sent after all, of a rule that does nothing but forward.</summary>
    /// <param name="exchange">As it was decided.</param>
    /// <param name="next">How it goes on: with an endpoint, or without one, then it waits.</param>
    /// <param name="unsent">Why.</param>
    /// <param name="tried">Who could not be reached, or refused; null for nobody.</param>
    /// <param name="frontend">What was called.</param>
    /// <param name="client">Who calls.</param>
    public void Resume(
        in Exchange exchange, in RouteDecision next, Unsent unsent, EndpointState? tried, Frontend frontend, ClientSettings client)
    {
        (_call, _next, _frontend, _client) = (exchange, next, frontend, client);
        _attempts.Resume(unsent, tried);
        if (next.Endpoint is { } endpoint)
        {
            exchange.Rpc?.Note(endpoint);
        }
    }

    /// <inheritdoc cref="SendAsync"/>
    public HttpResponseMessage? Send(CancellationToken cancellationToken)
    {
        // Nothing of the mesh needs the caller's thread, but a filter of the application may want to go on in its context, which waits here.
        return SynchronizationContext.Current is null
            ? SendAsync(cancellationToken).AsTask().GetAwaiter().GetResult()
            : Task.Run(() => SendAsync(cancellationToken).AsTask(), CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>The answer; null where the rule has just gone out of force and nothing was sent: look again.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage?> SendAsync(CancellationToken cancellationToken)
    {
        var uri = Request.RequestUri!;
        try
        {
            var answer = await FilterAsync(Rule.Filters, backend: null, cancellationToken).ConfigureAwait(false)
                ?? await ForwardAsync(uri, cancellationToken).ConfigureAwait(false);
            if (answer is null)
            {
                return Leave();
            }

            RetryPushback.StopChannel(_call.Rpc, Rule.Rule, answer);
            return answer;
        }
        catch (RuleGoneException) when (!IsInForce())
        {
            return Leave();
        }
        catch (RuleGoneException e)
        {
            // What replaces it could not be put in force.
            engine.Answer(ref _call, 500, ResponseFlags.None, e.Message, _client);
            return _call.Reply;
        }
        finally
        {
            _filters?.Dispose();
            _call.Journal.Undo();
            Clear();
            pool.Return(this);
        }
    }

    /// <summary>Sends the request to the backend of its session, or to the next one by weight.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage?> ForwardAsync(Uri uri, CancellationToken cancellationToken)
    {
        var resumed = _session?.Resume(_frontend, _call.Rpc?.Tried);
        if (resumed is { Backend: { } stays })
        {
            // Attempts that follow leave the endpoint of the session, but not its backend.
            _call.Rpc?.Keep(stays);
        }

        var backend = resumed?.Backend ?? _next?.Backend ?? NextBackend();

        // What cannot be found is not redirected either.
        if (backend.Cluster is not null && await FilterAsync(backend, resumed?.Lease, cancellationToken).ConfigureAwait(false) is { } answer)
        {
            return answer;
        }

        var decision = resumed ?? _next ?? RpcRouting.Forward(_call.Rpc, _frontend, backend, Request);
        if (decision.Lease is null && !IsInForce())
        {
            return null;
        }

        _attempts.Start(Request, _frontend, _client, _call.Span, _call.Rpc, uri, _call.Began);
        if (await _attempts.SendAsync(decision, _filters?.Mirrors, cancellationToken).ConfigureAwait(false) is not { } response)
        {
            return null;
        }

        if (!LocalReply.IsOne(response) && _filters is not null)
        {
            response = await FinishAsync(backend, response, cancellationToken).ConfigureAwait(false);
        }

        if (!LocalReply.IsOne(response))
        {
            Receive(uri, response);
        }

        return response;
    }

    // Looked for again, by all attempts of the call: the rule is not in force any more.
    private HttpResponseMessage? Leave()
    {
        _call.Span?.Dispose();
        _call.Rpc?.Forget();
        return null;
    }

    private void Receive(Uri uri, HttpResponseMessage response)
    {
        try
        {
            ClientHeaders.Receive(_client, uri, response);
            _session?.Complete(response, _attempts.Decision);
        }
        catch
        {
            // The caller does not get it.
            response.Dispose();
            throw;
        }
    }

    /// <summary>Carries out a backend's filters on the request. The endpoint that its session is on is let go where they do not let the request pass.</summary>
    private async ValueTask<HttpResponseMessage?> FilterAsync(BoundBackend backend, EndpointLease? leased, CancellationToken cancellationToken)
    {
        var passes = false;
        try
        {
            var answer = await FilterAsync(backend.Filters, backend, cancellationToken).ConfigureAwait(false);
            passes = answer is null;
            return answer;
        }
        finally
        {
            if (!passes)
            {
                leased?.Release();
            }
        }
    }

    /// <summary>Carries out filters on the request; an answer of theirs ends the call.</summary>
    private async ValueTask<HttpResponseMessage?> FilterAsync(
        ImmutableArray<BoundFilter> filters, BoundBackend? backend, CancellationToken cancellationToken)
    {
        if (filters.IsEmpty)
        {
            return null;
        }

        _filters ??= new FilterRun(Request, _call.Journal.Backup, engine.FilterLog, TakeMirror);
        var answered = new Exchange(Request, RouteDecision.Answered(_frontend, Rule, backend)) { Journal = _call.Journal, Span = _call.Span };
        HttpResponseMessage? answer;
        try
        {
            answer = await _filters.OnRequestAsync(filters, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RuleGoneException)
        {
            engine.Lose(ref answered, e, _client, attempts: 0, cancellationToken);
            throw;
        }

        if (answer is not null)
        {
            Answer(ref answered, answer);
        }

        return answer;
    }

    // What throws here, a listener, has been told of the answer: it is not lost as well.
    private void Answer(ref Exchange answered, HttpResponseMessage answer)
    {
        try
        {
            engine.Answer(ref answered, answer, _client);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>Carries out filters on the response: the backend's first, then the rule's.</summary>
    private async ValueTask<HttpResponseMessage> FinishAsync(BoundBackend backend, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var finished = response;
        try
        {
            finished = await _filters!.OnResponseAsync(backend.Filters, response, cancellationToken).ConfigureAwait(false);
            if (ReferenceEquals(finished, response))
            {
                finished = await _filters.OnResponseAsync(Rule.Filters, response, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            response.Dispose();
            throw;
        }

        if (!ReferenceEquals(finished, response))
        {
            response.Dispose();
        }

        return finished;
    }

    // Of several attempts of one call all go to the backend of the first.
    private BoundBackend NextBackend()
    {
        if (_call.Rpc is not { } rpc)
        {
            return Rule.NextBackend();
        }

        if (rpc.Backend is { Cluster.Model: not null } kept && kept.Rule == Rule)
        {
            return kept;
        }

        // What is kept may be that of another call, which was made on the way.
        var next = Rule.NextBackend();
        return rpc.Keep(next) is var first && first.Rule == Rule ? first : next;
    }

    private MirrorCall? TakeMirror(BoundFilter mirror) => engine.Attempts.Mirrors.Take(mirror, Request, _frontend, _client);

    // Whatever is forgotten here would keep a request alive, or get into another.
    private void Clear()
    {
        _attempts.Clear();
        (_call, _frontend, _client, _filters, _session, _next) = (default, null!, null!, null, null, null);
    }

    private bool IsInForce() => _frontend.HasInForce(Rule);
}
