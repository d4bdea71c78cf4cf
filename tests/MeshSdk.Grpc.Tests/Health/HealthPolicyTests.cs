using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace MeshSdk.Grpc.Tests.Health;

/// <summary>What endpoints say of themselves, and what policies, TLS and the rest of the mesh make of it.</summary>
public sealed class HealthPolicyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(Layer.AutoMtls)]
    [InlineData(Layer.IstioMutual)]
    public async Task Endpoints_that_take_mutual_TLS_alone_are_asked_over_the_connection_that_calls_use(Layer layer)
    {
        using var authority = new MeshCertificateAuthority();
        CountingHealth one = new(), two = new();
        await using var first = await SecureAsync("one", authority, one);
        await using var second = await SecureAsync("two", authority, two);
        await using var caller = await StartAsync(Cluster.Service("backend", layer, "", first, second), authority.Issue(Cluster.ClientId));
        Assert.Equal(Cluster.ClientId, (await caller.Client.UnaryAsync(new EchoRequest())).Peer);

        one.SetStatus("", NotServing);
        await NotServingAsync(caller, 1);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("two", (await caller.Client.UnaryAsync(new EchoRequest())).Server);
        }

        one.SetStatus("", Serving);
        await NotServingAsync(caller, 0);
        await ReachesAsync(caller, "one");
        Assert.Equal((1, 1), (first.Connections, second.Connections));
        Assert.Equal((1, 1), (one.Begun, two.Begun));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public async Task Where_none_serves_a_panic_threshold_calls_all(int threshold)
    {
        await using var one = await EchoServer.StartAsync("one", health: Saying(NotServing));
        await using var two = await EchoServer.StartAsync("two", health: Saying(NotServing));
        await using var caller = await StartAsync(
            Manifests.Service("backend", one, two) + Cluster.Policy("backend", Layer.Plaintext, $"outlierDetection: {{ minHealthPercent: {threshold} }}"));
        await caller.Client.UnaryAsync(new EchoRequest());
        await NotServingAsync(caller, 2);
        if (threshold == 0)
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await caller.Client.UnaryAsync(new EchoRequest()));
            Assert.Equal((StatusCode.Unavailable, "UH"), (error.StatusCode, error.GetMeshCall()!.Flags));
        }
        else
        {
            await ReachesAsync(caller, "one");
            await ReachesAsync(caller, "two");
        }
    }

    [Fact]
    public async Task A_call_that_waits_goes_on_when_an_endpoint_serves()
    {
        var health = Saying(NotServing);
        await using var server = await EchoServer.StartAsync("one", health: health);
        await using var caller = await StartAsync(Manifests.Service("backend", server));
        await caller.Client.UnaryAsync(new EchoRequest());
        await NotServingAsync(caller, 1);

        var call = caller.Client.UnaryAsync(new EchoRequest(), new CallOptions(deadline: DateTime.UtcNow + Patience).WithWaitForReady()).ResponseAsync;
        await Eventually.HoldsAsync(() => caller.Cluster().Changed.IsAwaited || call.IsCompleted, "the call waits");
        Assert.False(call.IsCompleted);
        Assert.Single(server.Calls);

        health.SetStatus("", Serving);
        Assert.Equal("one", (await call.WaitAsync(Patience)).Server);
        Assert.Equal(2, server.Calls.Count);
    }

    [Fact]
    public async Task To_be_asked_is_no_active_request_and_no_request_of_the_application()
    {
        CountingHealth one = new(), two = new();
        await using var first = await EchoServer.StartAsync("one", health: one);
        await using var second = await EchoServer.StartAsync("two", health: two);
        await using var caller = await StartAsync(Manifests.Service("backend", first, second));
        await caller.Client.UnaryAsync(new EchoRequest());
        await Eventually.HoldsAsync(() => (one.Open, two.Open) == (1, 1), "both are asked");
        await caller.IdleAsync("backend");
        Assert.All(caller.Usable(), static endpoint => Assert.Equal(0, endpoint.ActiveRequests));

        // Drained at once: nobody is on it.
        var cluster = caller.Cluster();
        await caller.DeleteAsync("EndpointSlice", "backend-0");
        Assert.Single(cluster.Usable);
        await Eventually.HoldsAsync(() => (cluster.Draining, one.Open, first.Connections) == (0, 0, 0), "its connection is closed");
        Assert.Equal((1, 1), (two.Open, two.Begun));

        await caller.Client.UnaryAsync(new EchoRequest());
        Assert.Equal(2, (await caller.CountedAsync(2)).Count);
    }

    [Fact]
    public async Task Nor_does_least_request_take_it_for_one()
    {
        var health = new CountingHealth();
        await using var asked = await EchoServer.StartAsync("asked", health: health);
        await using var unasked = await EchoServer.StartAsync("unasked");
        await using var caller = await StartAsync(
            Manifests.Service("backend", asked, unasked) + Cluster.Policy("backend", Layer.Plaintext, "loadBalancer: { simple: LEAST_REQUEST }"));
        await caller.Client.UnaryAsync(new EchoRequest());
        await Eventually.HoldsAsync(() => health.Open == 1, "one of them is asked");

        // One with a request more than the other would never be chosen.
        await ReachesAsync(caller, "asked");
        await ReachesAsync(caller, "unasked");
    }

    [Fact]
    public async Task Who_does_not_serve_is_counted_and_named_where_the_application_tells_of_its_own_health()
    {
        var health = Saying(NotServing);
        await using var server = await EchoServer.StartAsync("one", health: health);
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMesh(mesh => mesh.UseInMemory(memory).UseGrpcHealthChecking());
        services.AddGrpcClient<Echo.EchoClient>(static options => options.Address = new Uri("http://backend")).AddMeshRouting();
        services.AddHealthChecks().AddMesh();
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<Echo.EchoClient>();
        await client.UnaryAsync(new EchoRequest());
        var source = provider.GetRequiredService<Mesh>().Runtime.EndpointHealth!;
        await Eventually.HoldsAsync(() => source.NotServing.Count == 1, "it does not serve");

        // What a mesh is for is no trouble of its own.
        var entry = await ReportAsync(provider);
        Assert.Equal(
            (HealthStatus.Healthy, 1, $"{server.EndPoint} of default/backend:80"), (entry.Status, entry.Data["notServing"], entry.Data["notServing:first"]));

        health.SetStatus("", Serving);
        await Eventually.HoldsAsync(() => source.NotServing.Count == 0, "it serves");
        entry = await ReportAsync(provider);
        Assert.Equal(0, entry.Data["notServing"]);
        Assert.False(entry.Data.ContainsKey("notServing:first"));
    }

    private static async Task<HealthReportEntry> ReportAsync(ServiceProvider provider) =>
        Assert.Single((await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries.Values);

    private static Task<MeshCaller> StartAsync(string manifests, MeshTestCertificate? identity = null) =>
        MeshCaller.StartAsync(manifests, identity: identity, mesh: static options => options.UseGrpcHealthChecking());

    private static Task<EchoServer> SecureAsync(string name, MeshCertificateAuthority authority, HealthServiceImpl health) => EchoServer.StartAsync(
        name,
        build: builder =>
        {
            builder.WebHost.UseMeshIdentity();
            builder.Services.AddMesh(mesh => mesh.UseInMemory(new InMemorySource()).Configure(options =>
            {
                options.Namespace = "default";
                options.Identity.Source = new InMemoryCertificateSource(authority.Issue(Cluster.ServerId).ToIdentity());
            }));
        },
        health: health);

    private static Task NotServingAsync(MeshCaller caller, int count) =>
        Eventually.HoldsAsync(() => caller.Mesh.Runtime.EndpointHealth!.NotServing.Count == count, $"{count} endpoints do not serve");

    private static async Task ReachesAsync(MeshCaller caller, string server)
    {
        for (var i = 0; i < 1000; i++)
        {
            if ((await caller.Client.UnaryAsync(new EchoRequest())).Server == server)
            {
                return;
            }
        }

        Assert.Fail($"No call came to {server}.");
    }

    private static HealthServiceImpl Saying(HealthCheckResponse.Types.ServingStatus status)
    {
        var health = new HealthServiceImpl();
        health.SetStatus("", status);
        return health;
    }
}
