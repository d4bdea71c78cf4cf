using Grpc.Core;
using Grpc.Core.Interceptors;
using MeshSdk.Http.Rpc;

namespace MeshSdk;

/// <summary>
/// Makes all calls through it part of one logical session: where their route asks for session persistence they stay on the endpoint that they began on. For
/// clients of the factory, one for each scope: <c>AddInterceptor(InterceptorScope.Client, sp => new MeshSessionInterceptor(sp.GetRequiredService&lt;MeshSession&gt;()))</c>
/// with a scoped <see cref="MeshSession"/>; for any other <see cref="CallInvoker"/> of a channel of the mesh by <c>Intercept()</c>.
/// </summary>
/// <param name="session">Whose calls they are.</param>
/// <exception cref="ArgumentNullException"><paramref name="session"/> is null.</exception>
public sealed class MeshSessionInterceptor(MeshSession session) : Interceptor
{
    private readonly MeshSession _session = session ?? throw new ArgumentNullException(nameof(session));

    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        using var scope = Enter(context.Method);
        return continuation(request, context);
    }

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        using var scope = Enter(context.Method);
        return continuation(request, context);
    }

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        using var scope = Enter(context.Method);
        return continuation(request, context);
    }

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        using var scope = Enter(context.Method);
        return continuation(context);
    }

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        using var scope = Enter(context.Method);
        return continuation(context);
    }

    // Where the channel may make several attempts, what is done for them below takes the session over.
    private RpcCall.Scope Enter(IMethod method) => new RpcCall { Path = method.FullName, Session = _session }.Enter();
}
