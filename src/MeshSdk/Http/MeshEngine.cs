using MeshSdk.Http.Attempts;
using MeshSdk.Http.Bodies;
using MeshSdk.Http.Rpc;
using MeshSdk.Http.Sessions;
using MeshSdk.Resilience;
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
internal sealed partial class MeshEngine(
    FrontendIndex frontends, MeshTelemetry telemetry, StartGate gate, SessionTokens sessions,
    OutboundPolicy? outbound = null)
{
    private readonly RuleCallPool _calls = new();
    private volatile bool _enabled = true;

    /// <summary>What requests of rules that do more than forward have in common.</summary>
    public required AttemptServices Attempts { get; init; }

    public StartGate Gate { get; } = gate;

    /// <summary>Hears of calls that go past the mesh; null where nobody is to be told.</summary>
    public UnservedPorts? Unserved { get; init; }

    /// <summary>Hears of filters of the application's own that fail.</summary>
    public ILogger FilterLog { get; init; } = NullLogger.Instance;

    /// <summary>What is known of the gRPC methods that are called.</summary>
    public RpcMethods Methods { get; } = new();

    public SessionTokens Sessions { get; } = sessions;

    /// <summary>The kill switch: while false everything passes through.</summary>
    public bool Enabled
    {
        get => _enabled;
        set
        {
            _enabled = value;
            Switched.Raise();
        }
    }

    /// <summary>Raised when the switch was thrown, and when the mesh goes away.</summary>
    public ChangeSignal Switched { get; } = new();

    /// <summary>Whether calls are still the mesh's to carry out.</summary>
    public bool IsInForce => _enabled && Gate.IsOpen;

    /// <summary>The mesh is going away: calls that come, and those that wait until they can be sent, are told so.</summary>
    public void Close()
    {
        Gate.Close();
        Switched.Raise();
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

    /// <returns>False where the frontend has just left the mesh: look again.</returns>
    public bool TryBegin(HttpRequestMessage request, Frontend frontend, ClientSettings client, out Exchange exchange)
    {
        var journal = new RequestJournal(request);
        var rpc = RpcCall.Of(request);
        if (Decide(request, frontend, client, rpc, ref journal) is not { } decision)
        {
            journal.Undo();
            exchange = default;
            return false;
        }

        frontend.Use();
        exchange = new Exchange(request, decision) { Journal = journal, Rpc = rpc, Began = request.Version.Major < 2 ? 0 : Attempts.Time.GetTimestamp() };
        try
        {
            exchange.Span = RequestSpan.Start(request, decision);
            if (decision.IsOpen)
            {
                exchange.Call = _calls.Rent(this);
                exchange.Call.Start(exchange, frontend, client);
            }
            else if (decision.Lease is not { } lease)
            {
                if (decision.Flags == ResponseFlags.NoHealthyUpstream && GrpcCall.Is(request) && WaitForReady.IsAsked(request))
                {
                    exchange.Call = _calls.Rent(this);
                    exchange.Call.Resume(exchange, decision, Unsent.NoEndpoint, tried: null, frontend, client);
                    return true;
                }

                Answer(ref exchange, decision.Status, decision.Flags, decision.Reason, client);
            }
            else
            {
                Prepare(ref exchange, lease, frontend, client);
                if (exchange is { Connections: null, Reply: null })
                {
                    exchange.Call = _calls.Rent(this);
                    exchange.Call.Resume(
                        exchange, RouteDecision.NoEndpoint(frontend, decision.Backend!), Unsent.LacksIdentity, tried: null, frontend, client);
                }
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
                decision.Lease?.Release();
            }
        }

        return true;
    }

    // Cookies and the like come first: a proxy would see them and routes may look at them, and they are those of the name that was dialled,
    // which is not always the one that connections are kept under.
    private static RouteDecision? Decide(HttpRequestMessage request, Frontend frontend, ClientSettings client, RpcCall? rpc, ref RequestJournal journal)
    {
        try
        {
            ClientHeaders.Send(client, request, ref journal);
            return rpc is null ? Router.Decide(frontend, request) : RpcRouting.Decide(rpc, frontend, request);
        }
        catch
        {
            journal.Undo();
            throw;
        }
    }

    /// <summary>
    /// Makes the message ready for the endpoint that was chosen, or answers it where it must not be sent there. Does neither where the call is to wait for an
    /// identity.
    /// </summary>
    public void Prepare(ref Exchange exchange, EndpointLease lease, Frontend frontend, ClientSettings client)
    {
        var (request, decision) = (exchange.Request, exchange.Decision);
        if (lease.Endpoint.Refusal() is { } refusal)
        {
            if (!lease.Endpoint.MayBeGivenIdentity || !GrpcCall.Is(request) || !WaitForReady.IsAsked(request))
            {
                Answer(ref exchange, 503, ResponseFlags.UpstreamConnectionFailure, refusal, client);
            }

            return;
        }

        var (protocol, isForeign) = Preparation.Apply(request, lease, decision.Cluster!.Protocol, frontend, client.Profile, ref exchange.Journal);
        if (client.Profile.Credentials is not null)
        {
            exchange.Journal.WatchAuthorization();
        }

        if (protocol == HttpProtocol.Http2)
        {
            KeepFromBeingSentAgain(request);
        }

        RequestSpan.Propagate(exchange.Span, request, client, ref exchange.Journal);
        exchange.Connections = lease.Connections(protocol, client.Profile, isForeign);
    }

    // The message is one that a channel has made for this call alone, and keeps it.
    private void KeepFromBeingSentAgain(HttpRequestMessage request)
    {
        if (request.Content is { } content and not (StreamedContent or RelayedContent or TeeContent)
            && GrpcCall.Is(content) && Methods.KindOf(request) is RpcKind.ClientStreaming or RpcKind.DuplexStreaming)
        {
            request.Content = new StreamedContent(content);
        }
    }
}
