using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using MeshSdk.Grpc.Health;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;

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
        await using var mesh = await StartAsync(Manifests.Service("backend", server));
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("one", (await client.UnaryAsync(new EchoRequest())).Server);
        }

        Assert.Empty(mesh.Runtime.EndpointHealth!.NotServing);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("known", 0)]
    [InlineData("unknown", 1)]
    public async Task A_service_is_asked_for_by_its_own_name(string name, int notServing)
    {
        var health = Serving();
        health.SetStatus("known", HealthCheckResponse.Types.ServingStatus.Serving);
        await using var server = await EchoServer.StartAsync("one", health: health);
        await using var other = await EchoServer.StartAsync("other", health: NotServing());
        await using var mesh = await StartAsync(
            Manifests.Service("backend", server) + Manifests.Service("other", other), options => options.Services["default/backend"] = name);
        using var invoker = mesh.CreateCallInvoker("backend");
        await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest());

        // The other one answers after it, as a sign that answers have come.
        using var second = mesh.CreateCallInvoker("other");
        await new Echo.EchoClient(second).UnaryAsync(new EchoRequest());
        await NotServingAsync(mesh, notServing + 1);
    }

    [Fact]
    public async Task An_endpoint_that_leaves_is_asked_no_longer_and_nothing_is_asked_before_the_first_call()
    {
        var health = new CountingHealth();
        await using var server = await EchoServer.StartAsync("one", health: health);
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server));
        await using var mesh = await StartAsync(memory);
        Assert.Equal(0, health.Begun);
        using var invoker = mesh.CreateCallInvoker("backend");
        await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest());
        await Until.HoldsAsync(() => health.Open == 1, "it is asked");
        var endpoint = Assert.Single(mesh.Runtime.Snapshot.Services.Values.SelectMany(static s => s.Clusters)).Endpoints[0];
        Assert.NotNull(endpoint);

        memory.Delete("EndpointSlice", "default", "backend-0");
        await Until.HoldsAsync(() => health.Open == 0, "it is asked no longer");
    }

    [Fact]
    public async Task The_end_of_the_mesh_ends_the_watches()
    {
        var health = new CountingHealth();
        await using var server = await EchoServer.StartAsync("one", health: health);
        await using (var mesh = await StartAsync(Manifests.Service("backend", server)))
        {
            using var invoker = mesh.CreateCallInvoker("backend");
            await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest());
            await Until.HoldsAsync(() => health.Open == 1, "it is asked");
        }

        await Until.HoldsAsync(() => health.Open == 0, "it is asked no longer");
    }

    [Fact]
    public async Task A_server_that_dies_costs_no_call()
    {
        var dead = await EchoServer.StartAsync("one", health: Serving());
        await using var two = await EchoServer.StartAsync("two", health: Serving());
        await using var mesh = await StartAsync(Manifests.Service("backend", dead, two));
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
    [InlineData(0, 0.5, 1)]
    [InlineData(1, 0.5, 1.6)]
    [InlineData(2, 0.5, 2.56)]
    [InlineData(0, 0, 0.8)]
    [InlineData(100, 0.5, 120)]
    [InlineData(2000, 0.5, 120)]
    public void An_endpoint_that_cannot_be_asked_is_asked_again_later_and_later(int failures, double random, double seconds) =>
        Assert.Equal(seconds, WatchBackoff.Of(failures, random).TotalSeconds, 3);

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
        Until.HoldsAsync(() => mesh.Runtime.EndpointHealth!.NotServing.Count == count, $"{count} endpoints do not serve");

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

    /// <summary>Counts who listens.</summary>
    private sealed class CountingHealth : HealthServiceImpl
    {
        private int _open;
        private int _begun;

        public int Open => Volatile.Read(ref _open);

        public int Begun => Volatile.Read(ref _begun);

        public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
        {
            Interlocked.Increment(ref _begun);
            Interlocked.Increment(ref _open);
            try
            {
                await base.Watch(request, responseStream, context);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
