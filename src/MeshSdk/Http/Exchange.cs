using System.Diagnostics;
using MeshSdk.Http.Rpc;
using MeshSdk.Routing;

namespace MeshSdk.Http;

/// <summary>One request on its way: what was decided, what was changed on the message, and what is open until it is answered.</summary>
internal struct Exchange(HttpRequestMessage request, RouteDecision decision)
{
    public HttpRequestMessage Request { get; } = request;

    public RouteDecision Decision { get; } = decision;

    /// <summary>The same request, of which something else has turned out.</summary>
    public Exchange(in Exchange exchange, RouteDecision decision)
        : this(exchange.Request, decision) => (Journal, Span, Rpc, Began) = (exchange.Journal, exchange.Span, exchange.Rpc, exchange.Began);

    /// <summary>The gRPC call of which this is one of several attempts; null for nearly all.</summary>
    public RpcCall? Rpc;

    /// <summary>Since when its own timeout runs, where it may be a gRPC call; else 0.</summary>
    public long Began;

    /// <summary>Set where the request is sent.</summary>
    public HttpMessageInvoker? Connections;

    /// <summary>Set where there is more to do than to send it.</summary>
    public RuleCall? Call;

    /// <summary>Set where it is not, and where it failed: what the caller gets.</summary>
    public HttpResponseMessage? Reply;

    public RequestJournal Journal;

    /// <summary>The client span; null where nobody listens.</summary>
    public Activity? Span;
}
