using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.ClientFactory;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace MeshSdk.Grpc.Tests.DependencyInjection;

/// <summary>What applications do with clients of the factory, beside the mesh.</summary>
public sealed class ClientFactoryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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

    [Fact]
    public async Task Handlers_that_take_turns_keep_the_connections_and_clients_that_were_made_before()
    {
        await using var server = await EchoServer.StartAsync("one");
        await using var provider = Provider(server, static services => services
            .AddGrpcClient<Echo.EchoClient>("client", static o => o.Address = new Uri("http://backend")).AddMeshRouting().SetHandlerLifetime(TimeSpan.FromSeconds(1)));
        var clients = provider.GetRequiredService<GrpcClientFactory>();
        var handlers = provider.GetRequiredService<IHttpMessageHandlerFactory>();
        var old = clients.CreateClient<Echo.EchoClient>("client");
        await old.UnaryAsync(new EchoRequest());
        for (var turn = 0; turn < 2; turn++)
        {
            var handler = handlers.CreateHandler("client");
            await Eventually.HoldsAsync(() => handlers.CreateHandler("client") != handler, "the handler is another");
            Assert.Equal("one", (await old.UnaryAsync(new EchoRequest())).Server);
            Assert.Equal("one", (await clients.CreateClient<Echo.EchoClient>("client").UnaryAsync(new EchoRequest())).Server);
        }

        Assert.Equal((5, 1), (server.Calls.Count, server.Connections));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deadlines_and_cancellation_of_a_server_flow_into_what_it_calls(bool routedFirst)
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = await EchoServer.StartAsync("backend", async context =>
        {
            context.CancellationToken.Register(() => cancelled.TrySetResult());
            waits.TrySetResult();
            await cancelled.Task;
        });
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", backend));
        await using var front = await EchoServer.StartAsync(
            "front",
            async context => await context.GetHttpContext().RequestServices.GetRequiredService<Echo.EchoClient>().UnaryAsync(new EchoRequest()),
            build: builder =>
            {
                builder.Services.AddMesh(mesh => mesh.UseInMemory(memory).UseGrpc());
                var client = builder.Services.AddGrpcClient<Echo.EchoClient>(static options => options.Address = new Uri("http://backend"));
                _ = routedFirst ? client.AddMeshRouting().EnableCallContextPropagation() : client.EnableCallContextPropagation().AddMeshRouting();
            });
        using var channel = GrpcChannel.ForAddress($"http://{front.EndPoint}");
        using var caller = new CancellationTokenSource();
        var deadline = DateTime.UtcNow.AddMinutes(30);
        var call = new Echo.EchoClient(channel).UnaryAsync(new EchoRequest(), deadline: deadline, cancellationToken: caller.Token).ResponseAsync;
        await waits.Task.WaitAsync(Patience);
        Assert.InRange(Assert.Single(backend.Calls).Deadline, deadline.AddMinutes(-5), deadline.AddMinutes(5));

        await caller.CancelAsync();
        await cancelled.Task.WaitAsync(Patience);
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(Patience))).StatusCode);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task A_mesh_that_knows_nothing_of_gRPC_says_once_that_timeouts_do_not_bind_its_calls(bool usesGrpc, int warnings)
    {
        await using var server = await EchoServer.StartAsync("one");
        using var logs = new FakeLoggerProvider();
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server) + Manifests.HttpRoute("backend", """
              - backendRefs: [{ name: backend, port: 80 }]
                timeouts: { request: 1h }
          """));
        var services = new ServiceCollection();
        services.AddLogging(builder => builder.AddProvider(logs));
        services.AddMesh(mesh => _ = usesGrpc ? mesh.UseInMemory(memory).UseGrpc() : mesh.UseInMemory(memory));
        services.AddGrpcClient<Echo.EchoClient>(static options => options.Address = new Uri("http://backend")).AddMeshRouting();
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<Echo.EchoClient>();
        for (var i = 0; i < 3; i++)
        {
            await client.UnaryAsync(new EchoRequest());
            using var stream = client.ServerStream(new EchoRequest { Replies = 1 });
            Assert.True(await stream.ResponseStream.MoveNext());
        }

        var said = logs.Collector.GetSnapshot().Where(static record => record.Id.Name == "GrpcMethodUnknown").ToList();
        Assert.Equal(warnings, said.Count);
        Assert.All(said, static record => Assert.Equal(
            (LogLevel.Warning, true), (record.Level, record.Message.Contains("UseGrpc()", StringComparison.Ordinal))));
        Assert.All(server.Calls, call => Assert.Equal(usesGrpc && call.Method.EndsWith("/Unary", StringComparison.Ordinal), call.Deadline != DateTime.MaxValue));
    }

    [Fact]
    public async Task A_mesh_that_is_added_in_parts_is_one_and_does_each_thing_once()
    {
        await using var server = await EchoServer.StartAsync("one");
        await using var provider = Provider(server, static services =>
        {
            services.AddMesh(static mesh => mesh.UseGrpc(static o => o.Deadline = TimeSpan.FromHours(1)));
            services.AddGrpcClient<Echo.EchoClient>("client", static o => o.Address = new Uri("http://backend")).AddMeshRouting().AddMeshRouting();
            services.AddMesh(static mesh => mesh.UseGrpc(static o => o.WaitForReady = true).UseGrpcHealthChecking());
        });
        Assert.Single(provider.GetServices<Mesh>());
        Assert.Single(provider.GetRequiredService<IOptionsMonitor<GrpcClientFactoryOptions>>().Get("client").InterceptorRegistrations);
        var options = provider.GetRequiredService<IOptionsMonitor<MeshGrpcOptions>>().Get("client");
        Assert.Equal((TimeSpan.FromHours(1), true), (options.Deadline, options.WaitForReady));

        await provider.GetRequiredService<GrpcClientFactory>().CreateClient<Echo.EchoClient>("client").UnaryAsync(new EchoRequest());
        Assert.NotEqual(DateTime.MaxValue, Assert.Single(server.Calls).Deadline);
        Assert.NotNull(provider.GetRequiredService<Mesh>().Runtime.EndpointHealth);
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
