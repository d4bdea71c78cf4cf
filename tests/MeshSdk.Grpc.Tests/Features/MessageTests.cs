using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.Features;

/// <summary>Messages that are large, messages that are many, and streams side by side.</summary>
public sealed class MessageTests(Servers servers)
{
    private const int Many = 10_000;

    public static TheoryData<Layer> Layers => [Layer.Plaintext, Layer.IstioMutual];

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task Large_messages_go_both_ways_where_both_sides_take_them(Layer layer)
    {
        const int Size = 12 * 1024 * 1024;
        await using var server = await servers.StartAsync(
            layer, "large", static builder => builder.Services.Configure<GrpcServiceOptions>(static options => options.MaxReceiveMessageSize = null));
        await using var caller = await MeshCaller.StartAsync(
            Cluster.Service("backend", layer, "", server), identity: servers.ClientOf(layer), channel: static channel => channel.MaxReceiveMessageSize = null);
        var request = new EchoRequest { Text = new string('a', Size), Replies = 2 };

        Assert.Equal(Size, (await caller.Client.UnaryAsync(request).ResponseAsync.WaitAsync(Eventually.Patience)).Text.Length);

        using var down = caller.Client.ServerStream(request);
        Assert.Equal([Size, Size], await down.ResponseStream.ReadAllAsync().Select(static reply => reply.Text.Length).ToListAsync().AsTask().WaitAsync(Eventually.Patience));

        using var both = caller.Client.Duplex();
        await both.RequestStream.WriteAsync(request).WaitAsync(Eventually.Patience);
        Assert.True(await both.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
        Assert.Equal(Size, both.ResponseStream.Current.Text.Length);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task Ten_thousand_messages_arrive_in_order(Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), identity: servers.ClientOf(layer));

        using var down = caller.Client.ServerStream(new EchoRequest { Text = "a", Replies = Many });
        Assert.Equal(Many, await down.ResponseStream.ReadAllAsync().CountAsync().AsTask().WaitAsync(Eventually.Patience));

        using var up = caller.Client.ClientStream();
        await WriteAsync(up.RequestStream).WaitAsync(Eventually.Patience);
        Assert.Equal(string.Join(',', Enumerable.Range(0, Many)), (await up.ResponseAsync.WaitAsync(Eventually.Patience)).Text);

        using var both = caller.Client.Duplex();
        var writing = WriteAsync(both.RequestStream);
        Assert.Equal(
            Enumerable.Range(0, Many).Select(static i => i.ToString(CultureInfo.InvariantCulture)),
            await both.ResponseStream.ReadAllAsync().Select(static reply => reply.Text).ToListAsync().AsTask().WaitAsync(Eventually.Patience));
        await writing;
        Assert.Equal(["backend 200 0 -", "backend 200 0 -", "backend 200 0 -"], await caller.CountedAsync(3));
        await caller.IdleAsync("backend");
    }

    // What is not written with a flush waits for the message that is.
    [Theory]
    [MemberData(nameof(Layers))]
    public async Task Messages_that_may_be_held_back_go_out_with_the_next_that_may_not(Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), identity: servers.ClientOf(layer));
        using var both = caller.Client.Duplex();
        both.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await both.RequestStream.WriteAsync(new EchoRequest { Text = "held" });
        both.RequestStream.WriteOptions = WriteOptions.Default;
        await both.RequestStream.WriteAsync(new EchoRequest { Text = "sent" });
        foreach (var text in new[] { "held", "sent" })
        {
            Assert.True(await both.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
            Assert.Equal(text, both.ResponseStream.Current.Text);
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task A_caller_that_has_said_all_still_hears_all(Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), identity: servers.ClientOf(layer));
        var call = new Call("wait");
        using var both = caller.Client.Duplex(call.Options);
        await both.RequestStream.WriteAsync(new EchoRequest { Text = "a" });
        await both.RequestStream.WriteAsync(new EchoRequest { Text = "b" });
        await both.RequestStream.CompleteAsync();
        await call.ArrivedAsync();

        // All is sent and its end too before the server begins to answer.
        call.Release();

        Assert.Equal(["a", "b"], await both.ResponseStream.ReadAllAsync().Select(static reply => reply.Text).ToListAsync().AsTask().WaitAsync(Eventually.Patience));
        Assert.Equal(StatusCode.OK, both.GetStatus().StatusCode);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task Streams_of_one_connection_do_not_wait_for_one_another(Layer layer)
    {
        const int Streams = 50;
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", layer, "", servers.Of(layer, "v1-a")), identity: servers.ClientOf(layer));

        // With a connection at hand, before the streams all ask for one.
        await caller.Client.UnaryAsync(new EchoRequest());
        var calls = Enumerable.Range(0, Streams).Select(static _ => new Call()).ToArray();
        var streams = calls.Select(call => caller.Client.Duplex(call.Options)).ToArray();
        for (var round = 0; round < 5; round++)
        {
            // Each round in the other direction, so that none is always the first.
            foreach (var i in round % 2 == 0 ? Enumerable.Range(0, Streams) : Enumerable.Range(0, Streams).Reverse())
            {
                await streams[i].RequestStream.WriteAsync(new EchoRequest { Text = $"{i} {round}" }).WaitAsync(Eventually.Patience);
                Assert.True(await streams[i].ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
                Assert.Equal($"{i} {round}", streams[i].ResponseStream.Current.Text);
            }
        }

        Assert.Single(calls.Select(static call => Assert.Single(call.Arrivals).Connection).Distinct());
        foreach (var stream in streams)
        {
            await stream.RequestStream.CompleteAsync();
            Assert.False(await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
            stream.Dispose();
        }

        await caller.IdleAsync("backend");
    }

    private static async Task WriteAsync(IClientStreamWriter<EchoRequest> stream)
    {
        for (var i = 0; i < Many; i++)
        {
            await stream.WriteAsync(new EchoRequest { Text = i.ToString(CultureInfo.InvariantCulture) });
        }

        await stream.CompleteAsync();
    }
}
