using System.Collections.Concurrent;
using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>Configuration that changes under load: no call fails for it, calls that begin after it follow it, and streams stay where they are.</summary>
public sealed class ChangeTests(Servers servers)
{
    private const int Streams = 10;

    public static TheoryData<ClientWay, Layer> Cells =>
    [
        (ClientWay.Invoker, Layer.Plaintext), (ClientWay.Invoker, Layer.IstioMutual), (ClientWay.Factory, Layer.Plaintext), (ClientWay.Channel, Layer.Plaintext),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_split_that_changes_and_goes_costs_no_call_and_moves_no_stream(ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer) + Split(90, 10), way, servers.ClientOf(layer));
        var streams = await OpenAsync(caller, Streams);
        var where = streams.ConvertAll(static stream => Assert.Single(stream.Call.Arrivals).Server);
        Assert.Contains(where, static server => server.StartsWith("v1", StringComparison.Ordinal));
        await using var load = new Load(caller.Client);
        await load.RunAsync();
        Assert.Contains("v1", load.Backends);

        await caller.ApplyAsync(Split(0, 100));
        await load.RunAsync();
        Assert.Equal(["v2"], load.Backends);

        await caller.ApplyAsync(Split(100, 0));
        await load.RunAsync();
        Assert.Equal(["v1"], load.Backends);

        // Without a route the Service itself has all four endpoints.
        await caller.DeleteAsync("GRPCRoute", "backend");
        await load.RunAsync();
        Assert.Equal(["v1", "v2"], load.Backends.Order());

        await load.EndAsync();
        await EndAsync(streams, where);
        await caller.IdleAsync("v1", "v2", "backend");
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Endpoints_that_leave_keep_their_streams_to_the_end(ClientWay way, Layer layer)
    {
        const int Open = 200;
        await using var caller = await MeshCaller.StartAsync(Both(layer, "v1-a", "v1-b"), way, servers.ClientOf(layer));
        var streams = await OpenAsync(caller, Open);
        var where = streams.ConvertAll(static stream => Assert.Single(stream.Call.Arrivals).Server);
        var cluster = caller.Cluster();

        await caller.ApplyAsync(Both(layer, "v2-a", "v2-b"));

        await using (var load = new Load(caller.Client))
        {
            await load.RunAsync();
            Assert.Equal(["v2"], load.Backends);
            Assert.Equal(2, cluster.Draining);
            await EndAsync(streams, where);
            await load.EndAsync();
        }

        await Eventually.HoldsAsync(() => cluster.Draining == 0, "those that left are closed");
        await Eventually.HoldsAsync(() => caller.Counted.Count(static counted => counted == "backend 200 0 -") >= Open, "all streams are counted");
        Assert.All(caller.Counted, static counted => Assert.Equal("backend 200 0 -", counted));
    }

    private string Both(Layer layer, params string[] names) =>
        Cluster.Service("backend", layer, "", [.. names.Select(name => servers.Of(layer, name))]);

    private static string Split(int v1, int v2) => Manifests.GrpcRoute(
        "backend", $"  - backendRefs: [{{ name: v1, port: 80, weight: {v1} }}, {{ name: v2, port: 80, weight: {v2} }}]");

    private static async Task<List<(Call Call, AsyncDuplexStreamingCall<EchoRequest, EchoReply> Stream)>> OpenAsync(MeshCaller caller, int count)
    {
        var streams = new List<(Call Call, AsyncDuplexStreamingCall<EchoRequest, EchoReply> Stream)>();
        for (var i = 0; i < count; i++)
        {
            var call = new Call();
            streams.Add((call, caller.Client.Duplex(call.Options)));
        }

        foreach (var (_, stream) in streams)
        {
            await stream.RequestStream.WriteAsync(new EchoRequest { Text = "before" }).WaitAsync(Eventually.Patience);
            Assert.True(await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
        }

        return streams;
    }

    private static async Task EndAsync(List<(Call Call, AsyncDuplexStreamingCall<EchoRequest, EchoReply> Stream)> streams, List<string> where)
    {
        foreach (var ((call, stream), server) in streams.Zip(where))
        {
            await stream.RequestStream.WriteAsync(new EchoRequest { Text = "after" }).WaitAsync(Eventually.Patience);
            Assert.True(await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
            Assert.Equal((server, "after"), (stream.ResponseStream.Current.Server, stream.ResponseStream.Current.Text));
            await stream.RequestStream.CompleteAsync();
            Assert.False(await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
            Assert.Equal(StatusCode.OK, stream.GetStatus().StatusCode);
            Assert.Single(call.Arrivals);
            stream.Dispose();
        }
    }

    /// <summary>Makes calls of all kinds one after another, and all kinds at once, until it is told to end.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private const int Enough = 10;

        private readonly Task[] _callers;
        private volatile ConcurrentQueue<(CallKind Kind, string Backend)> _since = [];
        private volatile bool _isOver;

        public Load(Echo.EchoClient client) => _callers = [.. Enum.GetValues<CallKind>().Select(kind => Task.Run(() => CallAsync(client, kind)))];

        /// <summary>Where the calls have gone that began in the last <see cref="RunAsync"/>.</summary>
        public IReadOnlyList<string> Backends => [.. _since.Select(static call => call.Backend).Distinct()];

        /// <summary>Waits until some calls of each kind have been made that all began after this.</summary>
        public async Task RunAsync()
        {
            _since = [];
            await Eventually.HoldsAsync(
                () => Array.Exists(_callers, static caller => caller.IsCompleted)
                    || Enum.GetValues<CallKind>().All(kind => _since.Count(call => call.Kind == kind) >= Enough),
                "calls of all kinds are made");
            Assert.All(_callers, static caller => Assert.True(caller.Exception is null, caller.Exception?.ToString()));
        }

        public Task EndAsync()
        {
            _isOver = true;
            return Task.WhenAll(_callers).WaitAsync(Eventually.Patience);
        }

        public async ValueTask DisposeAsync()
        {
            _isOver = true;
            await Task.WhenAny(Task.WhenAll(_callers));
        }

        private async Task CallAsync(Echo.EchoClient client, CallKind kind)
        {
            while (!_isOver)
            {
                // Calls that began before belong to what was before.
                var since = _since;
                var call = new Call();
                var result = await client.CallAsync(kind, call);
                Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
                Assert.Equal(CallRunner.Texts(kind), result.Texts);
                since.Enqueue((kind, Assert.Single(call.Arrivals).Server[..2]));
            }
        }
    }
}
