using System.Diagnostics;
using System.Net;
using MeshSdk.Http.Attempts;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http;

// How a request ends: with a response that arrived, an answer of the mesh's own, or an exception. Each is counted, recorded and noted on the span here.
internal sealed partial class MeshEngine
{
    /// <summary>A response arrived.</summary>
    /// <param name="exchange">What it answers.</param>
    /// <param name="response">Given back with a body that tells its end.</param>
    /// <param name="client">Who asked.</param>
    /// <param name="attempts">The tries that led to it; null where it was simply sent.</param>
    public HttpResponseMessage Complete(ref Exchange exchange, HttpResponseMessage response, ClientSettings client, RequestAttempts? attempts = null)
    {
        var request = exchange.Request;
        var outcome = new CallOutcome(exchange.Decision.Lease!, telemetry, request, response);
        var origin = new RpcOrigin(exchange.Decision.Backend, exchange.Decision.Endpoint, attempts?.Sends ?? 1);
        var isOver = HasNoBody(request, response);
        if (!isOver)
        {
            response.Content = attempts is null ? new OutcomeContent(response, outcome, origin) : attempts.Own(response, outcome, origin);
        }

        // The lease is in good hands: what throws from here on, listeners above all, costs the response but leaves nothing open.
        try
        {
            exchange.Journal.Undo();
            response.RequestMessage ??= request;
            if (exchange.Decision.Cookie is { } cookie)
            {
                // Before the client's own cookies are read: a client that keeps cookies stays on its endpoint by itself.
                response.Headers.TryAddWithoutValidation("Set-Cookie", cookie.SetCookie);
            }

            var flags = attempts?.Flags ?? ResponseFlags.None;
            exchange.Decision.Endpoint!.Answered();
            if (outcome.IsGrpc ? GrpcCall.HasFailed(response.Headers) : response.StatusCode != HttpStatusCode.OK && GrpcCall.Is(request))
            {
                RpcFailure.Note(response, origin.Describe(flags));
            }

            Record(request, exchange.Decision, flags, attempts?.Sends ?? 1, client, exchange.Decision.Endpoint!.Peer);
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
                outcome.Pay(attempts?.Flags ?? ResponseFlags.None, ResponseEnd.Whole, response);
            }
        }
    }

    /// <summary>Sending threw.</summary>
    /// <returns>The answer that a sidecar would give; null where the exception is the caller's to see.</returns>
    public HttpResponseMessage? Fail(ref Exchange exchange, Exception error, ClientSettings client, CancellationToken cancellationToken)
    {
        var lease = exchange.Decision.Lease!;
        try
        {
            if (error is ConnectionOverflowException overflow)
            {
                exchange = Overflowed(exchange, overflow);
                Answer(ref exchange, exchange.Decision.Status, exchange.Decision.Flags, exchange.Decision.Reason, client);
                return exchange.Reply;
            }

            var failure = FailureKind.Of(error, exchange.Request.Content is not null, cancellationToken);
            lease.Endpoint.Record(FailureKind.OutcomeOf(failure, error, lease.Endpoint));
            if (failure is { } flags)
            {
                var reason = FailureKind.Reason(flags, error, lease.Endpoint);
                Answer(ref exchange, FailureKind.StatusFor(flags), flags, reason, client, attempts: FailureKind.IsLackOfIdentity(error) ? 0 : 1);
                return exchange.Reply;
            }

            Lose(ref exchange, error, client, attempts: lease.IsWaiting ? 0 : 1, cancellationToken);
            return null;
        }
        finally
        {
            lease.Release();
        }
    }

    /// <summary>
    /// Sending threw, and a gRPC call was not acted on: as every gRPC client does, whatever its retry policy says, it goes on with another endpoint, and
    /// where there is none and it shall, it waits for one.
    /// </summary>
    /// <returns>Whether the failure is seen to: the call goes on, then <see cref="Exchange.Call"/> is set, or it is answered.</returns>
    public bool TryMoveOn(ref Exchange exchange, Exception error, Frontend frontend, ClientSettings client, CancellationToken cancellationToken)
    {
        var request = exchange.Request;
        if (!GrpcCall.Is(request)
            || UnsentCalls.Of(error, request, UnsentCalls.HasOneMessage(Methods.KindOf(request)), cancellationToken) is var unsent && unsent == Unsent.No)
        {
            return false;
        }

        var (decision, lease) = (exchange.Decision, exchange.Decision.Lease!);
        var flags = FailureKind.Of(error, hasBody: true, cancellationToken);
        exchange.Connections = null;
        exchange.Journal.Undo();
        try
        {
            lease.Endpoint.Record(FailureKind.OutcomeOf(flags, error, lease.Endpoint));
        }
        finally
        {
            lease.Release();
        }

        exchange.Journal = new RequestJournal(request);
        ClientHeaders.Send(client, request, ref exchange.Journal);
        var next = unsent == Unsent.LacksIdentity
            ? null
            : RpcRouting.ForwardElsewhere(exchange.Rpc, decision, request, [lease.Endpoint], orAgain: unsent == Unsent.Refused);
        if (next is { Lease: null } overflow)
        {
            exchange = new Exchange(exchange, overflow);
            Answer(ref exchange, overflow.Status, overflow.Flags, overflow.Reason, client);
        }
        else if (next is null && !WaitForReady.IsAsked(request))
        {
            Answer(ref exchange, FailureKind.StatusFor(flags!), flags!, FailureKind.Reason(flags!, error, lease.Endpoint), client, attempts: 1);
        }
        else
        {
            var after = next is null ? unsent == Unsent.Refused ? Unsent.NoEndpoint : unsent : unsent == Unsent.Refused ? unsent : Unsent.Elsewhere;
            exchange.Call = _calls.Rent(this);
            exchange.Call.Resume(exchange, next ?? RouteDecision.NoEndpoint(frontend, decision.Backend!), after, lease.Endpoint, frontend, client);
        }

        return true;
    }

    /// <summary>A request that was not sent, and whose endpoint has nothing to do with that.</summary>
    public static Exchange Overflowed(in Exchange exchange, ConnectionOverflowException error)
    {
        var decision = exchange.Decision;
        return new Exchange(exchange, RouteDecision.Overflow(decision.Frontend, decision.Backend!, error.Kind));
    }

    /// <summary>The request was not sent and is decided on anew, for its endpoint has left the mesh while it waited for a connection.</summary>
    public static void Withdraw(ref Exchange exchange)
    {
        exchange.Journal.Undo();
        exchange.Span?.Dispose();
        exchange.Decision.Lease!.Release();
    }

    /// <summary>The request ends with an exception that is the caller's to see: the caller has gone, as a rule. The lease is not touched.</summary>
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
        if (LocalReply.IsGrpc(reply))
        {
            RpcFailure.Write(reply.Headers, GrpcCall.StatusFor(status), reason, InfoOf(decision, flags, attempts));
        }

        if (flags == ResponseFlags.UpstreamOverflow)
        {
            reply.Headers.TryAddWithoutValidation("x-envoy-overloaded", "true");
        }

        Account(request, reply, flags, destination, decision, span, client, attempts);
        return reply;
    }

    /// <summary>Answers as a filter says.</summary>
    public void Answer(ref Exchange exchange, HttpResponseMessage reply, ClientSettings client)
    {
        exchange.Journal.Undo();
        exchange.Reply = reply;
        reply.RequestMessage = exchange.Request;
        if (GrpcCall.Is(exchange.Request))
        {
            RpcFailure.Note(reply, InfoOf(exchange.Decision, ResponseFlags.None, attempts: 0));
        }

        Account(exchange.Request, reply, ResponseFlags.None, exchange.Decision.Destination, exchange.Decision, exchange.Span, client, attempts: 0);
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

    private static void Record(
        HttpRequestMessage request, in RouteDecision decision, string flags, int attempts, ClientSettings client, string? peer = null)
    {
        if (client.RecordCalls)
        {
            request.Options.Set(MeshCallInfo.Key, InfoOf(decision, flags, attempts, peer));
        }
    }

    private static MeshCallInfo InfoOf(in RouteDecision decision, string flags, int attempts, string? peer = null) =>
        MeshCallInfo.Of(decision.Rule, decision.Backend, decision.Endpoint, attempts, flags, peer);

    private static bool HasNoBody(HttpRequestMessage request, HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified
        || request.Method == HttpMethod.Head
        || (response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var length) && length.ToString() == "0"
            && !GrpcCall.Is(response.Content));
}
