using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MeshSdk.Grpc.Tests.DependencyInjection;

/// <summary>Clients whose calls would pass the mesh by, and options that no call can keep to.</summary>
public sealed class GuardTests
{
    private static readonly Dictionary<string, Action<GrpcChannelOptions>> Bypasses = new(StringComparer.Ordinal)
    {
        ["a SocketsHttpHandler"] = static channel => channel.HttpHandler = new SocketsHttpHandler(),
        ["over a SocketsHttpHandler"] = static channel => channel.HttpHandler = new Passing { InnerHandler = new SocketsHttpHandler() },
        ["HttpClient"] = static channel => (channel.HttpHandler, channel.HttpClient) = (null, new HttpClient()),
        ["HttpHandler to null"] = static channel => channel.HttpHandler = null,
        ["no InnerHandler"] = static channel => channel.HttpHandler = new Passing(),
        ["'round_robin'"] = static channel => channel.ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } },
    };

    public static TheoryData<string> Named => [.. Bypasses.Keys];

    [Theory]
    [MemberData(nameof(Named))]
    public async Task A_channel_that_bypasses_the_mesh_is_refused_when_the_host_starts_and_when_it_is_made(string named)
    {
        using var host = Host(client => client.ConfigureChannel(Bypasses[named]));
        var atStart = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(named, atStart.Message, StringComparison.Ordinal);
        Assert.Contains("'EchoClient'", atStart.Message, StringComparison.Ordinal);

        var made = Assert.ThrowsAny<InvalidOperationException>(() => host.Services.GetRequiredService<Echo.EchoClient>());
        Assert.Equal(atStart.Message, made.Message);
    }

    [Theory]
    [InlineData("dns:///backend")]
    [InlineData("static:///backend")]
    public async Task An_address_that_a_channel_looks_up_itself_is_refused(string address)
    {
        using var host = Host(static _ => { }, address);
        var error = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(address, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_was_taken_out_of_the_mesh_does_as_it_likes()
    {
        using var host = Host(static client => client.ConfigureChannel(Bypasses["a SocketsHttpHandler"]).RemoveMeshRouting());
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(host.Services.GetRequiredService<Echo.EchoClient>());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Handlers_above_the_mesh_and_options_of_the_channel_are_no_bypass()
    {
        using var host = Host(static client => client
            .AddHttpMessageHandler(static () => new Passing())
            .ConfigureChannel(static channel => channel.HttpHandler = new Passing { InnerHandler = channel.HttpHandler! })
            .ConfigureChannel(static channel => channel.MaxReceiveMessageSize = 1));
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(host.Services.GetRequiredService<Echo.EchoClient>());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001 * 86400.0)]
    public async Task A_deadline_that_is_none_is_named(double seconds)
    {
        using var host = Host(client => client.ConfigureMeshGrpc(options => options.Deadline = TimeSpan.FromSeconds(seconds)));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("'EchoClient': Deadline", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_a_channel_has_taken_over_is_named_as_such()
    {
        using var taken = new SocketsHttpHandler();
        using var channel = GrpcChannel.ForAddress("http://backend", new GrpcChannelOptions { HttpHandler = taken });
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = new InMemorySource() });
        var error = Assert.Throws<InvalidOperationException>(() => mesh.CreateHandler(passThrough: taken));
        Assert.Contains("gRPC channel", error.Message, StringComparison.Ordinal);
    }

    private static IHost Host(Action<IHttpClientBuilder> configure, string address = "http://backend")
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMesh(static mesh => mesh.UseInMemory(new InMemorySource()).UseGrpc().UseGrpc());
        configure(builder.Services.AddGrpcClient<Echo.EchoClient>(options => options.Address = new Uri(address)).AddMeshRouting());
        return builder.Build();
    }

    private sealed class Passing : DelegatingHandler;
}
