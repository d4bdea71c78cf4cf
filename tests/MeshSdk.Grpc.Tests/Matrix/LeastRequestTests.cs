using Grpc.Core;
using MeshSdk.Clusters;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Scripts;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.Runtime;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>LEAST_REQUEST with streams: each is one active request of its endpoint for as long as it lasts, also when others join. Chance is the tests'.</summary>
public sealed class LeastRequestTests(Servers servers)
{
    private const string LeastRequest = "loadBalancer: { simple: LEAST_REQUEST }";

    // gRPC's own table: what is drawn, of which endpoint the stream becomes. None of the streams ends.
    [Fact]
    public async Task Of_two_that_are_drawn_the_one_with_fewer_streams_is_taken_and_the_first_of_equals()
    {
        await using var under = await StartAsync(3);
        foreach (var (first, second, taken) in new[]
        {
            (0, 0, 0), (0, 1, 1), (1, 2, 2), (0, 3, 0), (1, 0, 1), (2, 0, 2), (0, 0, 0), (2, 2, 2), (2, 1, 1),
        })
        {
            Assert.Equal(taken, await under.OpenAsync(first, second));
        }

        Assert.Equal([3, 3, 3], under.Active);
    }

    [Fact]
    public async Task New_calls_go_past_endpoints_that_bear_streams_until_these_end()
    {
        await using var under = await StartAsync(3);
        for (var i = 0; i < 10; i++)
        {
            await under.OpenAsync(0, 0);
            await under.OpenAsync(1, 1);
        }

        // Whenever the idle one is among the two.
        foreach (var (first, second) in new[] { (0, 2), (2, 0), (1, 2), (2, 1), (2, 2) })
        {
            Assert.Equal(2, await under.CallAsync(first, second));
        }

        await under.EndAsync(0);

        Assert.Equal([0, 10, 0], under.Active);
        Assert.Equal(0, await under.CallAsync(1, 0));
        Assert.Equal(0, await under.CallAsync(0, 2));
    }

    [Fact]
    public async Task Streams_are_still_counted_when_an_endpoint_joins()
    {
        await using var under = await StartAsync(2);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(i % 2, await under.OpenAsync(0, 1));
        }

        Assert.Equal([25, 25], under.Active);

        await under.JoinAsync();

        Assert.Equal([25, 25, 0], under.Active);
        for (var i = 0; i < 25; i++)
        {
            Assert.Equal(2, await under.OpenAsync(i % 2, 2));
        }

        // As many as the others: the first that is drawn again.
        Assert.Equal([25, 25, 25], under.Active);
        Assert.Equal(1, await under.OpenAsync(1, 2));
    }

    private async Task<UnderTest> StartAsync(int count)
    {
        var (source, random) = (new InMemorySource(), new ScriptedRandom());
        source.Apply(ServiceOf(count));
        var mesh = new Mesh(new MeshEnvironment(new MeshOptions { InMemory = source }) { Random = random }, []);
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return new UnderTest(this, source, random, mesh) { Count = count };
    }

    // By port, as the mesh orders endpoints of one address: whoever joins is the last.
    private EchoServer[] Ordered =>
        [.. new[] { "v1-a", "v1-b", "v2-a" }.Select(name => servers.Of(Layer.Plaintext, name)).OrderBy(static server => server.EndPoint.Port)];

    private string ServiceOf(int count) => Cluster.Service("backend", Layer.Plaintext, LeastRequest, Ordered[..count]);

    private sealed class UnderTest(LeastRequestTests tests, InMemorySource source, ScriptedRandom random, Mesh mesh) : IAsyncDisposable
    {
        private readonly MeshCallInvoker _invoker = mesh.CreateCallInvoker("backend");
        private readonly List<(int Endpoint, AsyncDuplexStreamingCall<EchoRequest, EchoReply> Call)> _streams = [];

        private Echo.EchoClient Client => new(_invoker);

        private ClusterState State => mesh.Runtime.Engine.FindFrontend(new Uri("http://backend"))!.Routes!.Rules[0].Backends[0].Cluster!;

        public required int Count { get; set; }

        /// <summary>How many requests are under way to each endpoint.</summary>
        public IEnumerable<int> Active => State.Usable.Select(static endpoint => endpoint.ActiveRequests);

        /// <summary>Opens a stream and leaves it open.</summary>
        /// <returns>The endpoint that it is on.</returns>
        public async Task<int> OpenAsync(int first, int second)
        {
            random.Enqueue(first, second);
            var call = new Call();
            var stream = Client.Duplex(call.Options);
            var endpoint = IndexOf((await call.ArrivedAsync())[0]);
            _streams.Add((endpoint, stream));
            return endpoint;
        }

        public async Task<int> CallAsync(int first, int second)
        {
            var before = Active.ToArray();
            random.Enqueue(first, second);
            var call = new Call();
            Assert.Equal(StatusCode.OK, (await Client.CallAsync(call)).Status);
            await Eventually.HoldsAsync(() => Active.SequenceEqual(before), "the call is over");
            return IndexOf(Assert.Single(call.Arrivals));
        }

        /// <summary>Ends the streams of an endpoint.</summary>
        public async Task EndAsync(int endpoint)
        {
            foreach (var (_, stream) in _streams.Where(stream => stream.Endpoint == endpoint))
            {
                await stream.RequestStream.CompleteAsync();
                Assert.False(await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
                stream.Dispose();
            }

            await Eventually.HoldsAsync(() => Active.ElementAt(endpoint) == 0, "no stream is counted");
        }

        public async Task JoinAsync()
        {
            Count++;
            source.Apply(tests.ServiceOf(Count));
            await Eventually.HoldsAsync(() => State.Usable.Count == Count, "the endpoint has joined");
        }

        public async ValueTask DisposeAsync()
        {
            _streams.ForEach(static stream => stream.Call.Dispose());
            _invoker.Dispose();
            await mesh.DisposeAsync();
        }

        private int IndexOf(Arrival arrival) => Array.FindIndex(tests.Ordered, server => server.Name == arrival.Server);
    }
}
