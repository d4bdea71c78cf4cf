using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.ClientFactory;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.DependencyInjection;

/// <summary>What applications do with clients of the factory, beside the mesh.</summary>
public sealed class ClientFactoryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Interceptors_credentials_and_options_work_in_any_order(bool routedFirst)
    {
        await using var server = await EchoServer.StartAsync("one");
        await using var provider = Provider(server, services =>
        {
            var client = services.AddGrpcClient<Echo.EchoClient>();
            client = routedFirst ? client.AddMeshRouting() : client;
            client
                .ConfigureHttpClient(static http => http.BaseAddress = new Uri("http://backend"))
                .AddInterceptor(static () => new Marking("channel"))
                .AddInterceptor(InterceptorScope.Client, static () => new Marking("client"))
                .AddCallCredentials(static (_, metadata) =>
                {
                    metadata.Add("token", "secret");
                    return Task.CompletedTask;
                })
                .ConfigureChannel(static channel => channel.UnsafeUseInsecureChannelCallCredentials = true);
            _ = routedFirst ? client : client.AddMeshRouting();
        });
        await provider.GetRequiredService<Echo.EchoClient>().UnaryAsync(new EchoRequest());
        var call = Assert.Single(server.Calls);
        Assert.Equal(("1", "1", "secret"), (call.Find("channel"), call.Find("client"), call.Find("token")));
    }

    [Fact]
    public async Task Each_client_has_its_own_options_after_those_of_all()
    {
        await using var server = await EchoServer.StartAsync("one");
        await using var provider = Provider(
            server,
            services =>
            {
                services.AddGrpcClient<Echo.EchoClient>("long", static o => o.Address = new Uri("http://backend")).AddMeshRouting()
                    .ConfigureMeshGrpc(static o => o.Deadline = TimeSpan.FromHours(3));
                services.AddGrpcClient<Echo.EchoClient>("common", static o => o.Address = new Uri("http://backend")).AddMeshRouting();
                services.AddMesh(static mesh => mesh.UseGrpc(static o => o.Deadline = TimeSpan.FromHours(1)));
            });
        var clients = provider.GetRequiredService<GrpcClientFactory>();
        foreach (var (name, hours) in new[] { ("long", 3), ("common", 1) })
        {
            var before = DateTime.UtcNow;
            await clients.CreateClient<Echo.EchoClient>(name).UnaryAsync(new EchoRequest());
            Assert.InRange(server.Calls.Last().Deadline, before.AddHours(hours).AddMinutes(-1), DateTime.UtcNow.AddHours(hours).AddMinutes(1));
        }
    }

    [Fact]
    public async Task Defaults_of_all_clients_route_and_other_hosts_are_called_as_before()
    {
        await using var server = await EchoServer.StartAsync("one");
        await using var other = await EchoServer.StartAsync("other");
        await using var provider = Provider(server, services =>
        {
            services.AddGrpcClient<Echo.EchoClient>("mesh", static o => o.Address = new Uri("http://backend"));
            services.AddGrpcClient<Echo.EchoClient>("outside", o => o.Address = new Uri($"http://{other.EndPoint}"));
            services.ConfigureHttpClientDefaults(static client => client.AddMeshRouting());
        });
        var clients = provider.GetRequiredService<GrpcClientFactory>();
        Assert.Equal("one", (await clients.CreateClient<Echo.EchoClient>("mesh").UnaryAsync(new EchoRequest())).Server);
        Assert.Equal("other", (await clients.CreateClient<Echo.EchoClient>("outside").UnaryAsync(new EchoRequest())).Server);
    }

    private static ServiceProvider Provider(EchoServer server, Action<IServiceCollection> configure)
    {
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server));
        var services = new ServiceCollection();
        services.AddMesh(mesh => mesh.UseInMemory(memory).UseGrpc());
        configure(services);
        return services.BuildServiceProvider();
    }

    private sealed class Marking(string name) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            var metadata = context.Options.Headers ?? [];
            metadata.Add(name, "1");
            return continuation(request, new(context.Method, context.Host, context.Options.WithHeaders(metadata)));
        }
    }
}
