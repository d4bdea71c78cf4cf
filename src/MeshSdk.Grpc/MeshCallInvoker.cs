using Grpc.Core;
using Grpc.Net.Client;
using MeshSdk.Grpc.Calls;

namespace MeshSdk;

/// <summary>
/// Makes gRPC calls that the mesh routes, over a channel of its own: made by <see cref="MeshGrpcExtensions.CreateCallInvoker"/>, one for each service that is
/// called, and kept as long as it is. Each call is routed once, whatever attempts it takes; deadlines, cancellation, interceptors, credentials, compression
/// and the service config work as with any channel.
/// </summary>
/// <remarks>
/// There is no state of connectivity to ask for, and no connecting in advance, as <see cref="GrpcChannel"/> has them: connections belong to the mesh and to its
/// endpoints, of which each call may take another. <c>WithWaitForReady()</c> makes a call wait until there is one. Load balancing of the channel (<c>dns:///</c>,
/// <c>LoadBalancingConfigs</c>) has no place either: DestinationRules say how endpoints are chosen.
/// </remarks>
public sealed class MeshCallInvoker : CallInvoker, IDisposable
{
    // Null where another one keeps it.
    private readonly GrpcChannel? _channel;
    private readonly CallInvoker _inner;
    private readonly CallPlan _plan;

    internal MeshCallInvoker(GrpcChannel channel, CallPlan plan)
        : this(channel, channel.CreateCallInvoker(), plan)
    {
    }

    private MeshCallInvoker(GrpcChannel? channel, CallInvoker inner, CallPlan plan) => (_channel, _inner, _plan) = (channel, inner, plan);

    /// <summary>
    /// The same for the calls of one logical session: where their route asks for session persistence they stay on the endpoint that they began on.
    /// </summary>
    /// <param name="session">Whose calls they are; null for none.</param>
    /// <returns>An invoker over the same channel, which stays this one's: to dispose of what is returned does nothing.</returns>
    public MeshCallInvoker WithSession(MeshSession? session) => new(channel: null, _inner, _plan.For(session));

    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var scope = _plan.Enter(method);
        return _inner.BlockingUnaryCall(method, host, _plan.Apply(method, options), request);
    }

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var scope = _plan.Enter(method);
        return _inner.AsyncUnaryCall(method, host, _plan.Apply(method, options), request);
    }

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var scope = _plan.Enter(method);
        return _inner.AsyncServerStreamingCall(method, host, _plan.Apply(method, options), request);
    }

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        using var scope = _plan.Enter(method);
        return _inner.AsyncClientStreamingCall(method, host, _plan.Apply(method, options));
    }

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        using var scope = _plan.Enter(method);
        return _inner.AsyncDuplexStreamingCall(method, host, _plan.Apply(method, options));
    }

    /// <summary>Ends the calls that are under way. The mesh's connections stay.</summary>
    public void Dispose() => _channel?.Dispose();
}
