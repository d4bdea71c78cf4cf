using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Rpc;

public sealed class HedgeTests
{
    // Under a rule that only forwards, and under one that does more.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hedge_goes_elsewhere_though_the_one_before_is_not_sent_yet(bool hasTimeout)
    {
        var rpc = new RpcCall { IsHedged = true };
        using var second = new Pause();
        var network = new Network();
        await using var mesh = await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions { TransportFactory = network }) { Random = new AlwaysFirst() },
            Snapshots.Service("backend", new IPEndPoint(new IPAddress([10, 0, 0, 1]), 80), new IPEndPoint(new IPAddress([10, 0, 0, 2]), 80))
                .Clustered(static c => c with { LoadBalancer = LoadBalancerKind.Random })
                .Routed(RuledMesh.Rule(hasTimeout ? RuledMesh.Timeouts(600_000) : null)));
        using var client = mesh.CreateClient();

        // The first attempt has its endpoint, and is about to get a connection, when the second one begins.
        network.OnFirst(() => second.Run(() => CallAsync(client, rpc)));
        await CallAsync(client, rpc);
        await second.Over;

        Assert.Equal(["10.0.0.1:80", "10.0.0.2:80"], network.Sent.Order());
    }

    private static async Task CallAsync(HttpClient client, RpcCall rpc)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        Task<HttpResponseMessage> call;
        using (rpc.Enter())
        {
            call = client.SendAsync(request);
        }

        (await call).Dispose();
    }

    // Of those that may be picked.
    private sealed class AlwaysFirst : Random
    {
        public override int Next(int maxValue) => 0;

        public override double NextDouble() => 0;
    }

    private sealed class Pause : IDisposable
    {
        private readonly ManualResetEventSlim _isOver = new();

        public Task Over { get; private set; } = Task.CompletedTask;

        // Bounded, since the second one waits for the first where both want the same connection: the test has failed then.
        public void Run(Func<Task> call)
        {
            Over = Task.Factory.StartNew(
                () =>
                {
                    call().GetAwaiter().GetResult();
                    _isOver.Set();
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _isOver.Wait(Eventually.Patience);
        }

        public void Dispose() => _isOver.Dispose();
    }

    private sealed class Network : IMeshTransportFactory
    {
        private Action? _onFirst;

        public ConcurrentQueue<string> Sent { get; } = new();

        public void OnFirst(Action action) => _onFirst = action;

        public HttpMessageHandler Create(MeshTransportContext context)
        {
            Interlocked.Exchange(ref _onFirst, null)?.Invoke();
            return new Handler(() => Sent.Enqueue(context.EndPoint.ToString()));
        }
    }

    private sealed class Handler(Action sent) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent();
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]), Version = HttpVersion.Version20 });
        }
    }
}
