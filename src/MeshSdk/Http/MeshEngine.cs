using System.Diagnostics;
using System.Net;
using MeshSdk.Http.Attempts;
using MeshSdk.Http.Sessions;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Http;

/// <summary>
/// The steps of one request through the mesh, shared by all clients: begin (route, pick, prepare the message), then complete or fail. Whatever
/// happens, the message is given back as it was, the lease is returned and the outcome is counted.
/// </summary>
internal sealed class MeshEngine(
    FrontendIndex frontends, MeshTelemetry telemetry, MeshSecurity security, StartGate gate, SessionTokens sessions,
    OutboundPolicy? outbound = null)
{
    private volatile bool _enabled = true;

    /// <summary>What requests of rules that do more than forward have in common.</summary>
    public required AttemptServices Attempts { get; init; }

    public StartGate Gate { get; } = gate;

    /// <summary>Hears of filters of the application's own that fail.</summary>
    public ILogger FilterLog { get; init; } = NullLogger.Instance;
    public SessionTokens Sessions { get; } = sessions;

    /// <summary>The kill switch: while false everything passes through.</summary>
    public bool Enabled
    {
        get => _enabled;
        set => _enabled = value;
    }

    public Frontend? FindFrontend(Uri? uri) => uri is { IsAbsoluteUri: true } ? frontends.Find(uri) : null;

    /// <summary>Whether it can be told at once that a call passes through for which <see cref="FindFrontend"/> has found none.</summary>
    public bool PassesThrough(Uri? uri) => outbound is null || uri is not { IsAbsoluteUri: true } || outbound.PassesThrough(uri);

    /// <summary>Where a call goes; waits for what is being loaded.</summary>
    public ValueTask<CallTarget> FindAsync(Uri? uri, CancellationToken cancellationToken) =>
        outbound is null || uri is not { IsAbsoluteUri: true } ? new(new CallTarget(FindFrontend(uri))) : outbound.FindAsync(uri, cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public CallTarget Find(Uri? uri, CancellationToken cancellationToken) =>
        outbound is null || uri is not { IsAbsoluteUri: true } ? new(FindFrontend(uri)) : outbound.Find(uri, cancellationToken);

    /// <summary>Answers a call that no frontend was found for, and that must not pass through.</summary>
    public HttpResponseMessage Refuse(HttpRequestMessage request, OutboundRefusal refusal, ClientSettings client)
    {
        var span = RequestSpan.Start(request, default);
        try
        {
            return Reply(request, refusal.Status, refusal.Flags, refusal.Reason, refusal.Destination, default, span, client);
        }
        catch
        {
            span?.Dispose();
            throw;
        }
    }

    /// <returns>False where the frontend has just left the mesh: look again.</returns>
    public bool TryBegin(HttpRequestMessage request, Frontend frontend, ClientSettings client, out Exchange exchange)
    {
        var journal = new RequestJournal(request);
        if (Decide(request, frontend, client, ref journal) is not { } decision)
        {
            journal.Undo();
            exchange = default;
            return false;
        }

        frontend.Use();
        exchange = new Exchange(request, decision) { Journal = journal };
        try
        {
            exchange.Span = RequestSpan.Start(request, decision);
            if (decision.IsOpen)
            {
                exchange.Call = new RuleCall(this, exchange, frontend, client);
            }
            else if (decision.Endpoint is not { } endpoint)
            {
                Answer(ref exchange, decision.Status, decision.Flags, decision.Reason, client);
            }
            else
            {
                Prepare(ref exchange, endpoint, frontend, client);
            }
        }
        catch
        {
            exchange.Journal.Undo();
            exchange.Span?.Dispose();
            throw;
        }
        finally
        {
            if (exchange.Connections is null)
            {
                // It will not be sent.
                decision.Endpoint?.Release();
            }
        }

        return true;
    }

    /// <summary>A response arrived.</summary>
    /// <param name="exchange">What it answers.</param>
    /// <param name="response">Given back with a body that tells its end.</param>
    /// <param name="client">Who asked.</param>
    /// <param name="attempts">The tries that led to it; null where it was simply sent.</param>
    public HttpResponseMessage Complete(ref Exchange exchange, HttpResponseMessage response, ClientSettings client, RequestAttempts? attempts = null)
    {
        var request = exchange.Request;
        var outcome = new CallOutcome(
            exchange.Decision.Endpoint!, telemetry, (int)response.StatusCode, telemetry.CountsRequests && GrpcCall.Is(request));
        var isOver = HasNoBody(request, response);
        if (!isOver)
        {
            response.Content = attempts is null ? new OutcomeContent(response, outcome) : attempts.Own(response, outcome);
        }

        // The lease is in good hands: what throws from here on, listeners above all, costs the response but leaves nothing open.
        try
        {
            exchange.Journal.Undo();
            response.RequestMessage ??= request;
            var flags = attempts?.Flags ?? ResponseFlags.None;
            Record(request, exchange.Decision, flags, attempts?.Sends ?? 1, client);
            RequestSpan.Stop(exchange.Span, (int)response.StatusCode, flags);
            if (attempts is null)
            {
                // Those of a rule's request come after its filters.
                ClientHeaders.Receive(client, request.RequestUri!, response);
            }

            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
        finally
        {
            if (isOver)
            {
                outcome.Pay(attempts?.Flags ?? ResponseFlags.None, response);
            }
        }
    }

    /// <summary>Sending threw.</summary>
    /// <returns>The answer that a sidecar would give; null where the exception is the caller's to see.</returns>
    public HttpResponseMessage? Fail(ref Exchange exchange, Exception error, ClientSettings client, CancellationToken cancellationToken)
    {
        var endpoint = exchange.Decision.Endpoint!;
        try
        {
            if (FailureKind.Of(error, cancellationToken) is { } flags)
            {
                var reason = $"{endpoint} {FailureKind.Describe(flags)}: {FailureKind.Cause(error)}";
                Answer(ref exchange, FailureKind.StatusFor(flags), flags, reason, client, attempts: 1);
                return exchange.Reply;
            }

            Lose(ref exchange, error, client, attempts: 1, cancellationToken);
            return null;
        }
        finally
        {
            endpoint.Release();
        }
    }

    /// <summary>The request ends with an exception that is the caller's to see. The lease is not touched.</summary>
    public void Lose(ref Exchange exchange, Exception error, ClientSettings client, int attempts, CancellationToken cancellationToken)
    {
        exchange.Journal.Undo();
        var cancelled = cancellationToken.IsCancellationRequested;
        int? grpcStatus = !GrpcCall.Is(exchange.Request) ? null : cancelled ? GrpcCall.Cancelled : GrpcCall.UnknownStatus;
        var flag = cancelled ? ResponseFlags.DownstreamConnectionTermination : ResponseFlags.None;
        telemetry.Count(exchange.Decision.Destination, exchange.Decision.Endpoint?.Model.Workload, 0, grpcStatus, flag);
        Record(exchange.Request, exchange.Decision, flag, attempts, client);
        RequestSpan.Fail(exchange.Span, error);
    }

    // Cookies and the like come first: a proxy would see them and routes may look at them, and they are those of the name that was dialled,
    // which is not always the one that connections are kept under.
    private static RouteDecision? Decide(HttpRequestMessage request, Frontend frontend, ClientSettings client, ref RequestJournal journal)
    {
        try
        {
            ClientHeaders.Send(client, request, ref journal);
            return Router.Decide(frontend, request);
        }
        catch
        {
            journal.Undo();
            throw;
        }
    }

    /// <summary>Makes the message ready for the endpoint that was chosen, or answers it where it must not be sent there.</summary>
    public void Prepare(ref Exchange exchange, EndpointState endpoint, Frontend frontend, ClientSettings client)
    {
        var (request, decision) = (exchange.Request, exchange.Decision);
        if (EndpointSecurity.LacksIdentity(endpoint, security))
        {
            Answer(ref exchange, 503, ResponseFlags.UpstreamConnectionFailure, TlsRefusal(decision), client);
            return;
        }

        var protocol = ProtocolChoice.For(request, decision.Cluster!.Protocol);
        ProtocolChoice.Apply(protocol, request, ref exchange.Journal);
        if (client.Profile.Credentials is null)
        {
            CanonicalUri.Apply(request, frontend, ref exchange.Journal);
        }
        else
        {
            // They are looked up under the URI, so that it has to stay the one that was called.
            exchange.Journal.WatchAuthorization();
        }

        RequestSpan.Propagate(exchange.Span, request, client, ref exchange.Journal);
        exchange.Connections = endpoint.Connections(protocol, client.Profile);
    }

    private static string TlsRefusal(RouteDecision decision) => decision.Cluster!.Tls is { } tls
        ? $"{decision.Destination} wants the TLS of BackendTLSPolicy {tls.Policy}{(tls.Fault is { } fault ? $" ({fault})" : "")}, which this version does not do"
        : $"{decision.Destination} wants TLS, for which there is no identity";

    /// <summary>Answers in the place of a backend.</summary>
    public void Answer(ref Exchange exchange, int status, string flags, string reason, ClientSettings client, int attempts = 0)
    {
        exchange.Journal.Undo();
        exchange.Reply = Reply(
            exchange.Request, status, flags, reason, exchange.Decision.Destination, exchange.Decision, exchange.Span, client, attempts);
    }

    private HttpResponseMessage Reply(
        HttpRequestMessage request, int status, string flags, string reason, ClusterId destination, in RouteDecision decision, Activity? span,
        ClientSettings client, int attempts = 0)
    {
        var reply = LocalReply.Create(request, status, reason);
        Account(request, reply, flags, destination, decision, span, client, attempts);
        return reply;
    }

    /// <summary>Answers as a filter says.</summary>
    public void Answer(ref Exchange exchange, HttpResponseMessage reply, ClientSettings client)
    {
        exchange.Journal.Undo();
        exchange.Reply = reply;
        reply.RequestMessage = exchange.Request;
        Account(exchange.Request, reply, ResponseFlags.None, exchange.Decision.Destination, exchange.Decision, exchange.Span, client, attempts: 0);
    }

    /// <summary>What came before sending threw: the caller has gone, as a rule.</summary>
    public void Abandon(ref Exchange exchange, Exception error, ClientSettings client, CancellationToken cancellationToken)
    {
        exchange.Journal.Undo();
        var cancelled = cancellationToken.IsCancellationRequested;
        int? grpcStatus = !GrpcCall.Is(exchange.Request) ? null : cancelled ? GrpcCall.Cancelled : GrpcCall.UnknownStatus;
        var flag = cancelled ? ResponseFlags.DownstreamConnectionTermination : ResponseFlags.None;
        telemetry.Count(exchange.Decision.Destination, null, 0, grpcStatus, flag);
        Record(exchange.Request, exchange.Decision, flag, attempts: 0, client);
        RequestSpan.Fail(exchange.Span, error);
    }

    private void Account(
        HttpRequestMessage request, HttpResponseMessage reply, string flags, ClusterId destination, in RouteDecision decision, Activity? span,
        ClientSettings client, int attempts)
    {
        if (telemetry.CountsRequests)
        {
            telemetry.Count(destination, decision.Endpoint?.Model.Workload, (int)reply.StatusCode, GrpcCall.StatusOf(reply), flags);
        }

        Record(request, decision, flags, attempts, client);
        RequestSpan.Stop(span, (int)reply.StatusCode, flags);
    }

    private static void Record(HttpRequestMessage request, in RouteDecision decision, string flags, int attempts, ClientSettings client)
    {
        if (client.RecordCalls)
        {
            request.Options.Set(MeshCallInfo.Key, new MeshCallInfo
            {
                Route = decision.Rule?.Rule.Route?.ToString(),
                Rule = decision.Rule is { Rule: { Route: not null, Index: var index } } ? index : null,
                Backend = decision.Backend?.Model.Cluster.ToString(),
                Endpoint = decision.Endpoint?.Name,
                Attempts = attempts,
                Flags = flags,
            });
        }
    }

    private static bool HasNoBody(HttpRequestMessage request, HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified
        || request.Method == HttpMethod.Head
        || (response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var length) && length.ToString() == "0"
            && !GrpcCall.Is(response.Content));
}
