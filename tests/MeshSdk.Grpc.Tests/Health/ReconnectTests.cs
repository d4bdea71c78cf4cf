using System.Collections.Concurrent;
using Grpc.Health.V1;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Grpc.Tests.Health;

/// <summary>Endpoints that cannot be asked for a while.</summary>
public sealed class ReconnectTests
{
    [Fact]
    public async Task One_that_broke_off_is_asked_again_after_a_second_and_what_it_said_holds_until_then()
    {
        var time = new NotingTime();
        var health = new CountingHealth();
        await using var server = await EchoServer.StartAsync("one", health: health);
        await using var mesh = await StartAsync(time, server);
        using var invoker = mesh.CreateCallInvoker("backend");
        await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest());
        health.SetStatus("", HealthCheckResponse.Types.ServingStatus.NotServing);
        await NotServingAsync(mesh, 1);

        var timers = time.Timers.Count;
        server.AbortConnections();
        var wait = await time.SetAsync(timers, number: 0);
        Assert.Equal((1, 1), (health.Begun, mesh.Runtime.EndpointHealth!.NotServing.Count));
        health.SetStatus("", HealthCheckResponse.Types.ServingStatus.Serving);

        // A moment too early is too early.
        time.Advance(wait - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, health.Begun);
        time.Advance(TimeSpan.FromMilliseconds(1));

        await NotServingAsync(mesh, 0);
        Assert.Equal(2, health.Begun);

        // It was heard in between: the next wait is a first one again.
        timers = time.Timers.Count;
        server.AbortConnections();
        await time.SetAsync(timers, number: 0);
    }

    [Fact]
    public async Task One_that_is_gone_is_asked_later_and_later()
    {
        var time = new NotingTime();
        var health = new CountingHealth();
        var server = await EchoServer.StartAsync("one", health: health);
        await using var mesh = await StartAsync(time, server);
        using var invoker = mesh.CreateCallInvoker("backend");
        await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest());
        health.SetStatus("", HealthCheckResponse.Types.ServingStatus.NotServing);
        await NotServingAsync(mesh, 1);
        var timers = time.Timers.Count;
        await server.DisposeAsync();
        for (var n = 0; n < 5; n++)
        {
            var wait = await time.SetAsync(timers, n);
            timers = time.Timers.Count;
            time.Advance(wait);
        }

        Assert.Single(mesh.Runtime.EndpointHealth!.NotServing);
    }

    private static async Task<Mesh> StartAsync(TimeProvider time, EchoServer server)
    {
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server));
        var mesh = new Mesh(new MeshEnvironment(new MeshOptions { InMemory = memory }.UseGrpcHealthChecking()) { Time = time, Random = new Random(1) }, []);
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return mesh;
    }

    private static Task NotServingAsync(Mesh mesh, int count) =>
        Eventually.HoldsAsync(() => mesh.Runtime.EndpointHealth!.NotServing.Count == count, $"{count} endpoints do not serve");

    /// <summary>A clock that only the test moves, and that notes for how long timers are set.</summary>
    private sealed class NotingTime : FakeTimeProvider
    {
        private readonly ConcurrentQueue<TimeSpan> _timers = new();

        public NotingTime()
            : base(DateTimeOffset.UtcNow)
        {
        }

        public IReadOnlyList<TimeSpan> Timers => [.. _timers];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _timers.Enqueue(dueTime);
            return timer;
        }

        /// <summary>The wait of that number, as gRPC has it, among the timers that were set after those that there were.</summary>
        public async Task<TimeSpan> SetAsync(int timers, int number)
        {
            var (least, most) = ((0.8 * Math.Pow(1.6, number)) - 0.001, 1.2 * Math.Pow(1.6, number));
            return await Eventually.HoldsAsync(
                () => Timers.Skip(timers).FirstOrDefault(wait => wait.TotalSeconds >= least && wait.TotalSeconds <= most),
                static wait => wait > TimeSpan.Zero,
                $"a timer of {least:0.##} to {most:0.##} s");
        }
    }
}
