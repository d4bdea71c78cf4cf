using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Channels;

/// <summary>Call invokers made without dependency injection.</summary>
public sealed class CallInvokerTests
{
    [Theory]
    [InlineData("")]
    [InlineData("backend:")]
    [InlineData("backend:99999")]
    [InlineData("dns:///backend")]
    [InlineData("http://backend/path")]
    [InlineData("http://user@backend")]
    public async Task A_target_that_is_no_service_is_named(string target)
    {
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = new InMemorySource() });
        Assert.Contains($"'{target}'", Assert.Throws<ArgumentException>(() => mesh.CreateCallInvoker(target)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_cannot_hold_are_refused_and_those_that_can_are_left_as_they_were()
    {
        await using var server = await EchoServer.StartAsync("one");
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = memory });
        Assert.Throws<ArgumentException>(() => mesh.CreateCallInvoker("backend", new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler() }));
        Assert.Throws<ArgumentException>(() => mesh.CreateCallInvoker(
            "backend", new GrpcChannelOptions { ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new PickFirstConfig() } } }));
        Assert.Throws<ArgumentException>(() => mesh.CreateCallInvoker("backend", options: new MeshGrpcOptions { StreamDeadline = TimeSpan.Zero }));

        var channel = new GrpcChannelOptions();
        using var one = mesh.CreateCallInvoker("backend", channel);
        using var two = mesh.CreateCallInvoker("backend", channel);
        Assert.Null(channel.HttpHandler);
        Assert.False(channel.DisposeHttpClient);

        var intercepted = 0;
        var client = new Echo.EchoClient(two.Intercept(metadata =>
        {
            intercepted++;
            return metadata;
        }));
        Assert.Equal("one", (await client.UnaryAsync(new EchoRequest())).Server);
        Assert.Equal(1, intercepted);
    }
}
