using BenchmarkDotNet.Attributes;
using Grpc.Core;
using Grpc.Core.Interceptors;
using MeshSdk.Grpc.Calls;
using MeshSdk.Http.Rpc;

namespace MeshSdk.Benchmarks.Grpc;

/// <summary>What is done for a call above the channel, as an interceptor of the factory's clients does it, over a channel that does nothing at all.</summary>
public class CallPlanBenchmark
{
    private static readonly byte[] Message = [];

    private readonly CallInvoker _floor = new NoOpInvoker();
    private CallInvoker _intercepted = null!;
    private CallInvoker _limited = null!;
    private CallInvoker _inSession = null!;

    [GlobalSetup]
    public void Setup()
    {
        var plan = new CallPlan(new RpcMethods(), new MeshGrpcOptions(), null, TimeProvider.System);
        var limited = new CallPlan(new RpcMethods(), new MeshGrpcOptions { Deadline = TimeSpan.FromSeconds(5) }, null, TimeProvider.System);
        _intercepted = _floor.Intercept(new MeshInterceptor(plan));
        _limited = _floor.Intercept(new MeshInterceptor(limited));
        _inSession = _floor.Intercept(new MeshInterceptor(plan.For(new MeshSession())));
    }

    [Benchmark(Baseline = true, Description = "no interceptor")]
    public object Floor() => _floor.AsyncUnaryCall(GrpcMesh.Echo, null, default, Message);

    [Benchmark(Description = "interceptor of the mesh")]
    public object Intercepted() => _intercepted.AsyncUnaryCall(GrpcMesh.Echo, null, default, Message);

    [Benchmark(Description = "with a default deadline")]
    public object Limited() => _limited.AsyncUnaryCall(GrpcMesh.Echo, null, default, Message);

    [Benchmark(Description = "of a session, which flows into its attempts")]
    public object InSession() => _inSession.AsyncUnaryCall(GrpcMesh.Echo, null, default, Message);

    private sealed class NoOpInvoker : CallInvoker
    {
        private static readonly Task<byte[]> Reply = Task.FromResult(Message);
        private static readonly Task<Metadata> Headers = Task.FromResult(Metadata.Empty);

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            new((Task<TResponse>)(object)Reply, Headers, static () => Status.DefaultSuccess, static () => Metadata.Empty, static () => { });

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
    }
}
