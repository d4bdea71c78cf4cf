using System.Diagnostics.Metrics;
using Grpc.Net.Client;
using MeshSdk.Clusters;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.Testing;
using MeshSdk.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.Grpc.Tests.Fixtures.Callers;

/// <summary>An application with a mesh of its own and one gRPC client in it.</summary>
internal sealed class MeshCaller : IAsyncDisposable
{
    private readonly ServiceProvider _provider;
    private readonly List<IDisposable> _owned = [];
    private readonly MetricCollector<long> _requests, _mirrored;

    private MeshCaller(ServiceProvider provider, InMemorySource source)
    {
        (_provider, Source) = (provider, source);
        Mesh = provider.GetRequiredService<Mesh>();
        var meters = provider.GetRequiredService<IMeterFactory>();
        _requests = new MetricCollector<long>(meters, "MeshSdk", "istio_requests_total");
        _mirrored = new MetricCollector<long>(meters, "MeshSdk", "mesh.mirror.requests");
    }

    public InMemorySource Source { get; }

    public Mesh Mesh { get; }

    public Echo.EchoClient Client { get; private set; } = null!;

    /// <summary>How many requests the application's telemetry has counted, by status, gRPC status and flags.</summary>
    public IReadOnlyList<string> Counted =>
    [
        .. _requests.GetMeasurementSnapshot()
            .Select(static m => $"{m.Tags["destination_service_name"]} {m.Tags["response_code"]} {m.Tags["grpc_response_status"]} {m.Tags["response_flags"]}"),
    ];

    /// <summary>What became of the copies that mirrors were to get, in order of their ends.</summary>
    public IReadOnlyList<string> Mirrored =>
        [.. _mirrored.GetMeasurementSnapshot().Select(static m => $"{m.Tags["destination_service_name"]} {m.Tags["outcome"]}")];

    /// <param name="manifests">The cluster.</param>
    /// <param name="way">How the client is made.</param>
    /// <param name="identity">Of the application; null for none.</param>
    /// <param name="channel">Options of the channel.</param>
    /// <param name="mesh">Options of the mesh.</param>
    /// <param name="grpc">Options of the client, where its way has some.</param>
    public static async Task<MeshCaller> StartAsync(
        string manifests, ClientWay way = ClientWay.Invoker, MeshTestCertificate? identity = null, Action<GrpcChannelOptions>? channel = null,
        Action<MeshOptions>? mesh = null, MeshGrpcOptions? grpc = null, Action<IHttpClientBuilder>? client = null)
    {
        var source = new InMemorySource();
        source.Apply(manifests);
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddMesh(builder =>
        {
            builder.UseInMemory(source).Configure(options =>
            {
                options.Identity.Source = identity is null ? null : new InMemoryCertificateSource(identity.ToIdentity());
                mesh?.Invoke(options);
            });
            if (way != ClientWay.PlainFactory)
            {
                builder.UseGrpc(options => (options.Deadline, options.StreamDeadline, options.WaitForReady) =
                    grpc is null ? default : (grpc.Deadline, grpc.StreamDeadline, grpc.WaitForReady));
            }
        });
        var made = services.AddGrpcClient<Echo.EchoClient>(static options => options.Address = new Uri("http://backend"));
        made.AddMeshRouting();
        if (channel is not null)
        {
            made.ConfigureChannel(channel);
        }

        client?.Invoke(made);
        var caller = new MeshCaller(services.BuildServiceProvider(), source);
        await caller.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        caller.Client = caller.Make(way, channel, grpc);
        return caller;
    }

    /// <summary>The call invoker of <see cref="ClientWay.Invoker"/>.</summary>
    public MeshCallInvoker Invoker => _owned.OfType<MeshCallInvoker>().Single();

    /// <summary>The channel of <see cref="ClientWay.Channel"/>.</summary>
    public GrpcChannel Channel => _owned.OfType<GrpcChannel>().Single();

    /// <summary>Puts other manifests in force beside those that are, and waits until they are.</summary>
    public async Task ApplyAsync(string manifests)
    {
        var revision = Mesh.Revision;
        Source.Apply(manifests);
        await Eventually.HoldsAsync(() => Mesh.Revision > revision, "the change is in force");
    }

    public async Task DeleteAsync(string kind, string name)
    {
        var revision = Mesh.Revision;
        Assert.True(Source.Delete(kind, "default", name));
        await Eventually.HoldsAsync(() => Mesh.Revision > revision, "the change is in force");
    }

    /// <summary>The cluster of a Service's port 80, of a Service that has no routes.</summary>
    public ClusterState Cluster(string service = "backend") =>
        Mesh.Runtime.Engine.FindFrontend(new Uri($"http://{service}"))!.Routes!.Rules[0].Backends[0].Cluster!;

    /// <summary>The endpoints that calls may go to, by port.</summary>
    public IReadOnlyList<EndpointState> Usable(string service = "backend") => Cluster(service).Usable;

    /// <summary>Waits until as many requests are counted.</summary>
    public Task<IReadOnlyList<string>> CountedAsync(int count) =>
        Eventually.HoldsAsync(() => Counted, counted => counted.Count >= count, $"{count} requests are counted");

    /// <summary>Waits until no request is under way to any of the Services.</summary>
    public Task IdleAsync(params string[] services) =>
        Eventually.HoldsAsync(() => services.All(service => !Cluster(service).HasActiveRequests), "no active requests");

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }

        _requests.Dispose();
        _mirrored.Dispose();
        await _provider.DisposeAsync();
    }

    private Echo.EchoClient Make(ClientWay way, Action<GrpcChannelOptions>? configure, MeshGrpcOptions? grpc)
    {
        var options = new GrpcChannelOptions();
        switch (way)
        {
            case ClientWay.Invoker:
                configure?.Invoke(options);
                var invoker = Mesh.CreateCallInvoker("backend", options, grpc);
                _owned.Add(invoker);
                return new Echo.EchoClient(invoker);
            case ClientWay.Channel:
                (options.HttpHandler, options.DisposeHttpClient) = (Mesh.CreateHandler(), true);
                configure?.Invoke(options);
                var channel = GrpcChannel.ForAddress("http://backend", options);
                _owned.Add(channel);
                return new Echo.EchoClient(channel);
            default:
                return _provider.GetRequiredService<Echo.EchoClient>();
        }
    }
}
