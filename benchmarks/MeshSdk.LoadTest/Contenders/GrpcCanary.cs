using System.Net;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using MeshSdk.Benchmarks.Shared;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Protos;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>
/// The reference canary for gRPC: a GRPCRoute that divides calls 90/10 over three and two endpoints, each version balanced round robin with outlier detection,
/// and a header that chooses version 2. Called by each of the ways that a client has.
/// </summary>
internal static class GrpcCanary
{
    private static readonly Uri Address = new(Canary.Address);

    /// <summary>By <see cref="MeshCallInvoker"/>.</summary>
    public static Task<GrpcContender> InvokerAsync(GrpcBackend backend) => InvokerAsync("mesh, call invoker", Source(backend));

    /// <summary>The same with one endpoint and nothing to divide: as many connections as a plain channel has.</summary>
    public static Task<GrpcContender> SingleAsync(GrpcBackend backend)
    {
        var source = new InMemorySource();
        source.Apply(Services(backend.All[..1], []));
        source.Apply(CanaryManifests.GrpcRoute(100, 0));
        return InvokerAsync("mesh, one endpoint", source);
    }

    /// <summary>The same under a route with a timeout and retries, of which an HTTPRoute alone can have both, and none of which is needed.</summary>
    public static Task<GrpcContender> ArmedAsync(GrpcBackend backend)
    {
        var source = new InMemorySource();
        source.Apply(Services(backend.V1, backend.V2));
        source.Apply(CanaryManifests.Route(90, 10) + """

                timeouts: {request: 30s, backendRequest: 10s}
                retry: {attempts: 3, codes: [503], backoff: 50ms}
            """);
        return InvokerAsync("mesh, timeouts and retries armed", source);
    }

    /// <summary>The same where the channel's own service config has retries, and the route has none.</summary>
    public static Task<GrpcContender> RetryingAsync(GrpcBackend backend) => InvokerAsync(
        "mesh, retries by service config", Source(backend),
        new GrpcChannelOptions { ServiceConfig = new ServiceConfig { MethodConfigs = { GrpcPeers.Retries } } });

    /// <summary>As a client of the factory.</summary>
    public static async Task<GrpcContender> FactoryAsync(GrpcBackend backend)
    {
        var services = new ServiceCollection();
        services.AddMesh(mesh => mesh.UseInMemory(Source(backend)).UseGrpc());
        services.AddGrpcClient<Target.TargetClient>(static options => options.Address = Address).AddMeshRouting();
        var provider = services.BuildServiceProvider();
        return await ReadyAsync(new GrpcContender("mesh, client factory", provider.GetRequiredService<Target.TargetClient>(), provider));
    }

    /// <summary>With nothing of the mesh but its handler.</summary>
    public static async Task<GrpcContender> HandlerAsync(GrpcBackend backend)
    {
        var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = Source(backend) });
        var channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { HttpHandler = mesh.CreateHandler(), DisposeHttpClient = true });
        return await ReadyAsync(new GrpcContender("mesh, handler alone", new Target.TargetClient(channel), channel, mesh));
    }

    /// <summary>By <see cref="MeshCallInvoker"/>, over mutual TLS.</summary>
    public static Task<GrpcContender> SecuredAsync(LoadMembers members, GrpcBackend backend)
    {
        var options = new MeshOptions { InMemory = Source(backend, CanaryManifests.MutualTls) };
        options.Identity.Directory = members.Caller;
        return InvokerAsync("mesh, call invoker", options);
    }

    /// <summary>Ejects for three seconds whom five calls in a row have found failing.</summary>
    public static Task<GrpcContender> EjectingAsync(GrpcBackend backend) => InvokerAsync(
        "mesh", Source(backend, outliers: "{consecutive5xxErrors: 5, interval: 1s, baseEjectionTime: 3s, maxEjectionPercent: 100}"));

    private static InMemorySource Source(GrpcBackend backend, string policy = "", string? outliers = null)
    {
        var source = new InMemorySource();
        source.Apply(Services(backend.V1, backend.V2, policy, outliers));
        source.Apply(CanaryManifests.GrpcRoute(90, 10));
        return source;
    }

    private static string Services(IPEndPoint[] v1, IPEndPoint[] v2, string policy = "", string? outliers = null)
    {
        var detection = $"outlierDetection: {outliers ?? "{consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s}"}";
        return CanaryManifests.Services(v1, v2, appProtocol: "kubernetes.io/h2c", policy: $"{detection}{(policy.Length == 0 ? "" : $"\n    {policy}")}");
    }

    private static Task<GrpcContender> InvokerAsync(string name, InMemorySource source, GrpcChannelOptions? channel = null) =>
        InvokerAsync(name, new MeshOptions { InMemory = source }, channel);

    private static async Task<GrpcContender> InvokerAsync(string name, MeshOptions options, GrpcChannelOptions? channel = null)
    {
        var mesh = await Mesh.StartAsync(options);
        var invoker = mesh.CreateCallInvoker("backend", channel);
        return await ReadyAsync(new GrpcContender(name, new Target.TargetClient(invoker), invoker, mesh));
    }

    private static async Task<GrpcContender> ReadyAsync(GrpcContender contender)
    {
        await contender.Client.EchoAsync(new Ping());
        return contender;
    }
}
