using Grpc.Core;
using Grpc.Core.Interceptors;

namespace MeshSdk.Grpc.Calls;

/// <summary>What <see cref="MeshCallInvoker"/> does, for channels that others make: those of the client factory.</summary>
internal sealed class MeshInterceptor(CallPlan plan) : Interceptor
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        using var scope = plan.Enter(context.Method);
        return continuation(request, Apply(context));
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        using var scope = plan.Enter(context.Method);
        return continuation(request, Apply(context));
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        using var scope = plan.Enter(context.Method);
        return continuation(request, Apply(context));
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        using var scope = plan.Enter(context.Method);
        return continuation(Apply(context));
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        using var scope = plan.Enter(context.Method);
        return continuation(Apply(context));
    }

    private ClientInterceptorContext<TRequest, TResponse> Apply<TRequest, TResponse>(in ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class =>
        new(context.Method, context.Host, plan.Apply(context.Method, context.Options));
}
