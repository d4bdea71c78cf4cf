using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Scripts;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.Testing;

namespace MeshSdk.Grpc.Tests.Draining;

/// <summary>Servers and endpoints that go while they are called.</summary>
public sealed class DrainingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // A connection that its server closes may be written to a moment before its goodbye is read, and nobody can tell what became of that call: routes that are
    // to lose none retry.
    private const string Retries = """
              - retry: { attempts: 2, codes: [503], backoff: 1ms }
                backendRefs: [{ name: backend, port: 80 }]
            """;

    [Theory]
    [InlineData(Layer.Plaintext)]
    [InlineData(Layer.IstioMutual)]
    public async Task A_server_that_shuts_down_under_load_costs_no_call_where_the_route_retries(Layer layer)
    {
        using var authority = new MeshCertificateAuthority();
        await using var one = await StartAsync("one");
        await using var two = await StartAsync("two");
        await using var caller = await MeshCaller.StartAsync(
            Cluster.Service("backend", layer, "", one, two) + "\n---\n" + Manifests.HttpRoute("backend", Retries),
            identity: layer == Layer.Plaintext ? null : authority.Issue(Cluster.ClientId));
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50 || !stop.IsCancellationRequested; i++)
            {
                await caller.Client.UnaryAsync(new EchoRequest());
            }
        })).ToArray();
        await Eventually.HoldsAsync(() => (one.Calls.Count > 20 && two.Calls.Count > 20) || callers.Any(static c => c.IsCompleted), "both are called");

        await one.StopAsync().WaitAsync(Patience);
        var before = two.Calls.Count;
        await Eventually.HoldsAsync(() => two.Calls.Count > before + 100 || callers.Any(static c => c.IsFaulted), "the other one is called");
        await stop.CancelAsync();

        await Task.WhenAll(callers).WaitAsync(Patience);

        async Task<EchoServer> StartAsync(string name)
        {
            var server = await ScriptedServer.StartAsync(name, layer == Layer.Plaintext ? null : authority.Issue(Cluster.ServerId));
            server.OnCall = null;
            return server;
        }
    }

    [Fact]
    public async Task An_endpoint_that_leaves_the_mesh_keeps_its_streams_and_gets_no_calls()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        var source = new InMemorySource();
        source.Apply(Manifests.Service("backend", one));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        using var stream = client.Duplex();
        await stream.RequestStream.WriteAsync(new EchoRequest { Text = "before" });
        Assert.True(await stream.ResponseStream.MoveNext());
        var revision = mesh.Revision;
        source.Apply(Manifests.Service("backend", two));
        await Eventually.HoldsAsync(() => mesh.Revision > revision);

        Assert.Equal("two", (await client.UnaryAsync(new EchoRequest())).Server);
        await stream.RequestStream.WriteAsync(new EchoRequest { Text = "after" });
        Assert.True(await stream.ResponseStream.MoveNext());

        Assert.Equal(("one", "after"), (stream.ResponseStream.Current.Server, stream.ResponseStream.Current.Text));
        await stream.RequestStream.CompleteAsync();
        Assert.False(await stream.ResponseStream.MoveNext());
    }

    [Theory]
    [InlineData("connectionPool: { http: { idleTimeout: 60s } }")]
    [InlineData("connectionPool: { http: { http2MaxRequests: 1000, maxRequestsPerConnection: 1000 } }")]
    [InlineData("connectionPool: { http: { http2KeepAlive: { interval: 60s, timeout: 20s } } }")]
    public async Task An_endpoint_whose_policy_changes_keeps_its_streams_and_takes_calls_over_new_connections(string policy)
    {
        await using var server = await EchoServer.StartAsync("one");
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", Layer.Plaintext, "", server));
        using var stream = caller.Client.Duplex();
        await EchoAsync(stream, "before");
        var before = Assert.Single(caller.Usable());

        await caller.ApplyAsync(Cluster.Policy("backend", Layer.Plaintext, policy));

        var after = Assert.Single(caller.Usable());
        Assert.NotSame(before, after);
        Assert.Equal("one", (await caller.Client.UnaryAsync(new EchoRequest())).Server);
        Assert.Equal(2, server.Connections);
        await EchoAsync(stream, "after");
        Assert.Equal(1, before.ActiveRequests);
        Assert.True(caller.Cluster().HasActiveRequests);
        await stream.RequestStream.CompleteAsync();
        Assert.False(await stream.ResponseStream.MoveNext());
        await caller.IdleAsync("backend");
        await Eventually.HoldsAsync(() => server.Connections == 1, "the connection of the stream is closed");
    }

    [Fact]
    public async Task An_endpoint_that_begins_to_be_called_over_TLS_keeps_its_streams()
    {
        // The server speaks plaintext alone, so that new calls cannot be made, and tell by that which connections they are for.
        await using var server = await EchoServer.StartAsync("one");
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", Layer.Plaintext, "", server));
        using var stream = caller.Client.Duplex();
        await EchoAsync(stream, "before");

        await caller.ApplyAsync(Cluster.Policy("backend", Layer.Plaintext, "tls: { mode: SIMPLE, insecureSkipVerify: true }"));

        var error = await Assert.ThrowsAsync<RpcException>(async () => await caller.Client.UnaryAsync(new EchoRequest()));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        await EchoAsync(stream, "after");
        await stream.RequestStream.CompleteAsync();
        Assert.False(await stream.ResponseStream.MoveNext());
        await caller.IdleAsync("backend");
    }

    [Fact]
    public async Task A_stream_counts_as_a_request_until_its_end_where_the_least_busy_endpoint_is_asked()
    {
        const int Calls = 400;
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        await using var caller = await MeshCaller.StartAsync(
            Cluster.Service("backend", Layer.Plaintext, "loadBalancer: { simple: LEAST_REQUEST }", one, two));
        List<AsyncDuplexStreamingCall<EchoRequest, EchoReply>> streams = [];
        string busy;
        do
        {
            var stream = caller.Client.Duplex();
            streams.Add(stream);
            busy = await EchoAsync(stream, "hello");
        }
        while (busy != "two");

        // All but the last one end: endpoint two has one stream, endpoint one has none.
        foreach (var stream in streams[..^1])
        {
            await stream.RequestStream.CompleteAsync();
            Assert.False(await stream.ResponseStream.MoveNext());
        }

        await Eventually.HoldsAsync(() => caller.Usable().Sum(static endpoint => endpoint.ActiveRequests) == 1, "the others have ended");
        var calls = 0;
        for (var i = 0; i < Calls; i++)
        {
            calls += (await caller.Client.UnaryAsync(new EchoRequest())).Server == "two" ? 1 : 0;
        }

        // The busy one is asked where it is drawn twice: in a quarter of the cases, and not in a half.
        Assert.InRange(calls, Calls / 8, 3 * Calls / 8);
        await streams[^1].RequestStream.CompleteAsync();
        Assert.False(await streams[^1].ResponseStream.MoveNext());
        await caller.IdleAsync("backend");
        streams.ForEach(static stream => stream.Dispose());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    public async Task More_calls_than_a_connection_takes_open_more_connections_and_none_fails(int streams)
    {
        const int Calls = 250;
        var arrived = 0;
        var go = new TaskCompletionSource();
        await using var server = await EchoServer.StartAsync(
            "one",
            _ =>
            {
                Interlocked.Increment(ref arrived);
                return go.Task;
            },
            options => options.Limits.Http2.MaxStreamsPerConnection = streams);
        var source = new InMemorySource();
        source.Apply(Manifests.Service("backend", server));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        var calls = Enumerable.Range(0, Calls).Select(_ => client.UnaryAsync(new EchoRequest()).ResponseAsync).ToArray();
        await Eventually.HoldsAsync(() => Volatile.Read(ref arrived) == Calls);
        Assert.True(server.Connections >= (Calls + streams - 1) / streams, $"{server.Connections}");

        go.SetResult();

        Assert.All(await Task.WhenAll(calls).WaitAsync(Patience), static reply => Assert.Equal("one", reply.Server));
    }

    private static async Task<string> EchoAsync(AsyncDuplexStreamingCall<EchoRequest, EchoReply> stream, string text)
    {
        await stream.RequestStream.WriteAsync(new EchoRequest { Text = text });
        Assert.True(await stream.ResponseStream.MoveNext());
        Assert.Equal(text, stream.ResponseStream.Current.Text);
        return stream.ResponseStream.Current.Server;
    }
}
