using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Grpc.Tests.Health;

/// <summary>Endpoints that the control plane calls ready, and what they say of themselves.</summary>
public sealed class HealthCheckingTests
{
    [Fact]
    public async Task An_endpoint_that_does_not_serve_gets_no_calls_until_it_does()
    {
        var health = Serving();
        await using var one = await EchoServer.StartAsync("one", health: health);
        await using var two = await EchoServer.StartAsync("two", health: Serving());
        await using var mesh = await StartAsync(Manifests.Service("backend", one, two));
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        await client.UnaryAsync(new EchoRequest());

        health.SetStatus("", HealthCheckResponse.Types.ServingStatus.NotServing);
        await NotServingAsync(mesh, 1);
        var before = one.Calls.Count;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("two", (await client.UnaryAsync(new EchoRequest())).Server);
        }

        Assert.Equal(before, one.Calls.Count);

        health.SetStatus("", HealthCheckResponse.Types.ServingStatus.Serving);
        await NotServingAsync(mesh, 0);
        await ReachesAsync(client, "one");
    }

    [Fact]
    public async Task Where_no_endpoint_serves_calls_are_unavailable()
    {
        await using var server = await EchoServer.StartAsync("one", health: NotServing());
        await using var mesh = await StartAsync(Manifests.Service("backend", server));
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);

        // It is taken to serve until it has answered.
        await client.UnaryAsync(new EchoRequest());
        await NotServingAsync(mesh, 1);

        var error = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest()));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("no usable endpoint of default/backend:80", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_the_health_service_is_called_as_before()
    {
        await using var server = await EchoServer.StartAsync("one");
        using var logs = new FakeLoggerProvider();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(logs));
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = memory }.UseGrpcHealthChecking(), loggers);
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        await client.UnaryAsync(new EchoRequest());
        await Eventually.HoldsAsync(() => logs.Collector.GetSnapshot().Any(static record => record.Id.Name == "HealthUnimplemented"), "it has said that it does not know");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("one", (await client.UnaryAsync(new EchoRequest())).Server);
        }

        Assert.Empty(mesh.Runtime.EndpointHealth!.NotServing);
    }

    // All others that the server knows say the opposite, so that the answer to another question would show.
    [Theory]
    [InlineData("")]
    [InlineData("known")]
    [InlineData("unknown")]
    public async Task A_service_is_asked_for_by_its_own_name(string name)
    {
        var health = new HealthServiceImpl();
        foreach (var other in new[] { "", "known", "default/backend", "backend" }.Where(other => other != name))
        {
            health.SetStatus(other, HealthCheckResponse.Types.ServingStatus.Serving);
        }

        if (name != "unknown")
        {
            health.SetStatus(name, HealthCheckResponse.Types.ServingStatus.NotServing);
        }

        await using var server = await EchoServer.StartAsync("one", health: health);
        await using var mesh = await StartAsync(Manifests.Service("backend", server), options =>
        {
            options.Service = "of all others";
            options.Services["default/backend"] = name;
        });
        using var invoker = mesh.CreateCallInvoker("backend");
        await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest());
        await NotServingAsync(mesh, 1);

        foreach (var other in new[] { "", "known", "default/backend", "backend" }.Where(other => other != name))
        {
            health.SetStatus(other, HealthCheckResponse.Types.ServingStatus.NotServing);
        }

        health.SetStatus(name, HealthCheckResponse.Types.ServingStatus.Serving);
        await NotServingAsync(mesh, 0);
    }

    [Fact]
    public async Task An_endpoint_that_leaves_is_asked_no_longer_and_nothing_is_asked_before_the_first_call()
    {
        var health = new CountingHealth();
        await using var server = await EchoServer.StartAsync("one", health: health);
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server));
        await using var mesh = await StartAsync(memory);
        var cluster = mesh.Runtime.Engine.FindFrontend(new Uri("http://backend"))!.Routes!.Rules[0].Backends[0].Cluster!;
        Assert.True(cluster.AwaitsGrpc);
        Assert.Equal(0, health.Begun);
        using var invoker = mesh.CreateCallInvoker("backend");
        await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest());
        await Eventually.HoldsAsync(() => health.Open == 1, "it is asked");
        Assert.False(cluster.AwaitsGrpc);

        memory.Delete("EndpointSlice", "default", "backend-0");
        await Eventually.HoldsAsync(() => health.Open == 0, "it is asked no longer");
        Assert.Equal(1, health.Begun);
    }

    [Fact]
    public async Task The_end_of_the_mesh_ends_all_watches()
    {
        CountingHealth one = new(), two = new(), other = new();
        await using var first = await EchoServer.StartAsync("one", health: one);
        await using var second = await EchoServer.StartAsync("two", health: two);
        await using var third = await EchoServer.StartAsync("other", health: other);
        await using (var mesh = await StartAsync(Manifests.Service("backend", first, second) + Manifests.Service("other", third)))
        {
            using var invoker = mesh.CreateCallInvoker("backend");
            using var others = mesh.CreateCallInvoker("other");
            await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest());
            await new Echo.EchoClient(others).UnaryAsync(new EchoRequest());
            await Eventually.HoldsAsync(() => (one.Open, two.Open, other.Open) == (1, 1, 1), "they are asked");
        }

        await Eventually.HoldsAsync(() => (one.Open, two.Open, other.Open) == (0, 0, 0), "they are asked no longer");
    }

    [Fact]
    public async Task A_server_that_dies_costs_no_call_where_the_route_retries()
    {
        var dead = await EchoServer.StartAsync("one", health: Serving());
        await using var two = await EchoServer.StartAsync("two", health: Serving());
        await using var mesh = await StartAsync(Manifests.Service("backend", dead, two) + Manifests.HttpRoute("backend", """
              - retry: { attempts: 2, codes: [503], backoff: 1ms }
                backendRefs: [{ name: backend, port: 80 }]
            """));
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        await ReachesAsync(client, "one");
        await dead.DisposeAsync();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("two", (await client.UnaryAsync(new EchoRequest())).Server);
        }
    }

    [Theory]
    [InlineData("backend")]
    [InlineData("/backend")]
    [InlineData("a/b/c")]
    public void A_service_that_is_none_is_named(string key) => Assert.Contains(
        $"'{key}'", Assert.Throws<ArgumentException>(() => new MeshOptions().UseGrpcHealthChecking(o => o.Services[key] = "")).Message, StringComparison.Ordinal);

    private static Task<Mesh> StartAsync(string manifests, Action<MeshGrpcHealthOptions>? configure = null)
    {
        var memory = new InMemorySource();
        memory.Apply(manifests);
        return StartAsync(memory, configure);
    }

    private static Task<Mesh> StartAsync(InMemorySource memory, Action<MeshGrpcHealthOptions>? configure = null) =>
        Mesh.StartAsync(new MeshOptions { InMemory = memory }.UseGrpcHealthChecking(configure));

    private static Task NotServingAsync(Mesh mesh, int count) =>
        Eventually.HoldsAsync(() => mesh.Runtime.EndpointHealth!.NotServing.Count == count, $"{count} endpoints do not serve");

    private static async Task ReachesAsync(Echo.EchoClient client, string server)
    {
        for (var i = 0; i < 1000; i++)
        {
            if ((await client.UnaryAsync(new EchoRequest())).Server == server)
            {
                return;
            }
        }

        Assert.Fail($"No call came to {server}.");
    }

    private static HealthServiceImpl Serving() => Saying(HealthCheckResponse.Types.ServingStatus.Serving);

    private static HealthServiceImpl NotServing() => Saying(HealthCheckResponse.Types.ServingStatus.NotServing);

    private static HealthServiceImpl Saying(HealthCheckResponse.Types.ServingStatus status)
    {
        var health = new HealthServiceImpl();
        health.SetStatus("", status);
        return health;
    }
}
