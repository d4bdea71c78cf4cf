using BenchmarkDotNet.Attributes;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace MeshSdk.Benchmarks.Grpc;

/// <summary>
/// Whole unary calls over a transport that answers at once. The floor is a channel over that transport alone; the mesh costs the difference. A channel's own
/// retries have their price without a mesh as well, so that they have a floor of their own.
/// </summary>
public class GrpcCallBenchmark
{
    private static readonly byte[] Message = [];

    private readonly List<IDisposable> _owned = [];
    private CallInvoker _floor = null!;
    private CallInvoker _retryingFloor = null!;
    private CallInvoker _handler = null!;
    private CallInvoker _invoker = null!;
    private CallInvoker _armed = null!;
    private CallInvoker _retrying = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        var mesh = Own(await GrpcMesh.StartAsync());
        _floor = Channel(new NoOpGrpcHandler(), null);
        _retryingFloor = Channel(new NoOpGrpcHandler(), Retries());
        _handler = Channel(mesh.CreateHandler(), null);
        _invoker = Own(mesh.CreateCallInvoker("backend"));
        _armed = Own(Own(await GrpcMesh.StartArmedAsync()).CreateCallInvoker("backend"));
        _retrying = Own(mesh.CreateCallInvoker("backend", new GrpcChannelOptions { ServiceConfig = Retries() }));
    }

    [GlobalCleanup]
    public void Cleanup() => Enumerable.Reverse(_owned).ToList().ForEach(static disposable => disposable.Dispose());

    [Benchmark(Baseline = true, Description = "channel alone")]
    public Task Floor() => CallAsync(_floor);

    [Benchmark(Description = "handler of the mesh")]
    public Task Handler() => CallAsync(_handler);

    [Benchmark(Description = "call invoker of the mesh")]
    public Task Invoker() => CallAsync(_invoker);

    [Benchmark(Description = "route with timeouts and retries")]
    public Task Armed() => CallAsync(_armed);

    [Benchmark(Description = "channel alone, retries by service config")]
    public Task RetryingFloor() => CallAsync(_retryingFloor);

    [Benchmark(Description = "call invoker, retries by service config")]
    public Task Retrying() => CallAsync(_retrying);

    private static async Task CallAsync(CallInvoker invoker)
    {
        using var call = invoker.AsyncUnaryCall(GrpcMesh.Echo, null, default, Message);
        await call.ResponseAsync;
    }

    private CallInvoker Channel(HttpMessageHandler handler, ServiceConfig? config) =>
        Own(GrpcChannel.ForAddress("http://backend", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, ServiceConfig = config })).CreateCallInvoker();

    private T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    private static ServiceConfig Retries() => new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 4,
                    InitialBackoff = TimeSpan.FromMilliseconds(50),
                    MaxBackoff = TimeSpan.FromSeconds(1),
                    BackoffMultiplier = 2,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                },
            },
        },
    };
}
