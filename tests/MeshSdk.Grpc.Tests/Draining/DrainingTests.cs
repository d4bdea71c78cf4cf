using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Draining;

/// <summary>Servers and endpoints that go while they are called.</summary>
public sealed class DrainingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_server_that_shuts_down_under_load_costs_no_call()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        var source = new InMemorySource();
        source.Apply(Manifests.Service("backend", one, two));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50 || !stop.IsCancellationRequested; i++)
            {
                await client.UnaryAsync(new EchoRequest());
            }
        })).ToArray();
        Assert.True(SpinWait.SpinUntil(() => one.Calls.Count > 20 && two.Calls.Count > 20, Patience));

        await one.StopAsync().WaitAsync(Patience);
        await stop.CancelAsync();

        await Task.WhenAll(callers).WaitAsync(Patience);
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
        Assert.True(SpinWait.SpinUntil(() => mesh.Revision > revision, Patience));

        Assert.Equal("two", (await client.UnaryAsync(new EchoRequest())).Server);
        await stream.RequestStream.WriteAsync(new EchoRequest { Text = "after" });
        Assert.True(await stream.ResponseStream.MoveNext());

        Assert.Equal(("one", "after"), (stream.ResponseStream.Current.Server, stream.ResponseStream.Current.Text));
        await stream.RequestStream.CompleteAsync();
        Assert.False(await stream.ResponseStream.MoveNext());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    public async Task More_calls_than_a_connection_takes_open_more_connections_and_none_fails(int streams)
    {
        // The HTTP stack takes a connection to bear a hundred streams until its server has said otherwise: with fewer, a burst meets refusals.
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
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref arrived) == Calls, Patience));
        Assert.True(server.Connections >= (Calls + streams - 1) / streams, $"{server.Connections}");

        go.SetResult();

        Assert.All(await Task.WhenAll(calls).WaitAsync(Patience), static reply => Assert.Equal("one", reply.Server));
    }
}
