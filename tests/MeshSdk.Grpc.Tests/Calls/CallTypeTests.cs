using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.Calls;

/// <summary>The four kinds of calls, by every way to make a client.</summary>
public sealed class CallTypeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_kinds_of_calls_reach_a_server(bool byFactory)
    {
        await using var server = await EchoServer.StartAsync("one");
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server));
        var services = new ServiceCollection();
        services.AddMesh(mesh => mesh.UseInMemory(memory).UseGrpc());
        services.AddGrpcClient<Echo.EchoClient>(static options => options.Address = new Uri("http://backend")).AddMeshRouting();
        await using var provider = services.BuildServiceProvider();
        using var invoker = provider.GetRequiredService<Mesh>().CreateCallInvoker("backend");
        var client = byFactory ? provider.GetRequiredService<Echo.EchoClient>() : new Echo.EchoClient(invoker);

        Assert.Equal("one", (await client.UnaryAsync(new EchoRequest { Text = "a" })).Server);
        Assert.Equal("one", client.Unary(new EchoRequest { Text = "a" }, cancellationToken: TestContext.Current.CancellationToken).Server);

        using var down = client.ServerStream(new EchoRequest { Text = "b", Replies = 3 });
        Assert.Equal(["b", "b", "b"], await down.ResponseStream.ReadAllAsync().Select(static reply => reply.Text).ToListAsync());

        using var up = client.ClientStream();
        await up.RequestStream.WriteAsync(new EchoRequest { Text = "c" });
        await up.RequestStream.WriteAsync(new EchoRequest { Text = "d" });
        await up.RequestStream.CompleteAsync();
        Assert.Equal("c,d", (await up).Text);

        using var both = client.Duplex();
        foreach (var text in new[] { "e", "f" })
        {
            await both.RequestStream.WriteAsync(new EchoRequest { Text = text });
            Assert.True(await both.ResponseStream.MoveNext());
            Assert.Equal(text, both.ResponseStream.Current.Text);
        }

        await both.RequestStream.CompleteAsync();
        Assert.False(await both.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task A_call_goes_on_with_another_endpoint_where_one_cannot_be_reached()
    {
        await using var one = await EchoServer.StartAsync("one");
        var two = await EchoServer.StartAsync("two");
        await two.DisposeAsync();
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", one, two));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = memory });
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("one", (await client.UnaryAsync(new EchoRequest())).Server);
        }
    }
}
