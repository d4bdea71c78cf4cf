using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Grpc.Net.ClientFactory;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.Sessions;

/// <summary>Calls of one session stay on the endpoint that they began on.</summary>
public sealed class SessionTests
{
    private const int Calls = 12;

    [Fact]
    public async Task Calls_of_an_invoker_for_a_session_stay_until_their_endpoint_is_gone()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        var memory = Memory("Header", one, two);
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = memory });
        using var invoker = mesh.CreateCallInvoker("backend");
        var session = new MeshSession();
        using (var ended = invoker.WithSession(session))
        {
            await new Echo.EchoClient(ended).UnaryAsync(new EchoRequest());
        }

        // The channel is the invoker's, whatever becomes of what it made.
        var client = new Echo.EchoClient(invoker.WithSession(session));
        var first = await StaysAsync(client);

        var revision = mesh.Revision;
        memory.Delete("EndpointSlice", "default", first == "one" ? "backend-0" : "backend-1");
        await Eventually.HoldsAsync(() => mesh.Revision > revision, "the endpoint is gone");
        var second = await StaysAsync(client);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("Header")]
    [InlineData("Cookie")]
    public async Task Clients_of_the_factory_have_one_for_each_scope(string type)
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        var memory = Memory(type, one, two);
        var services = new ServiceCollection();
        services.AddScoped<MeshSession>();
        services.AddMesh(mesh => mesh.UseInMemory(memory).UseGrpc());
        services.AddGrpcClient<Echo.EchoClient>(static options => options.Address = new Uri("http://backend"))
            .AddInterceptor(InterceptorScope.Client, static provider => new MeshSessionInterceptor(provider.GetRequiredService<MeshSession>()))
            .AddMeshRouting();
        await using var provider = services.BuildServiceProvider();
        HashSet<string> servers = [];
        for (var i = 0; i < Calls; i++)
        {
            await using var scope = provider.CreateAsyncScope();
            servers.Add(await StaysAsync(scope.ServiceProvider.GetRequiredService<Echo.EchoClient>()));
        }

        // Another scope is another session, and sessions are spread.
        Assert.Equal(2, servers.Count);
    }

    [Fact]
    public async Task What_remembers_a_header_by_hand_needs_no_session()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = Memory("Header", one, two) });
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        using var call = client.UnaryAsync(new EchoRequest());
        var token = (await call.ResponseHeadersAsync).GetValue("sticky");
        Assert.NotNull(token);
        var server = (await call).Server;
        for (var i = 0; i < Calls; i++)
        {
            Assert.Equal(server, (await client.UnaryAsync(new EchoRequest(), new Metadata { { "sticky", token } })).Server);
        }
    }

    [Fact]
    public async Task Nor_does_what_remembers_a_cookie_by_hand()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = Memory("Cookie", one, two) });
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        HashSet<string> servers = [];
        for (var session = 0; session < Calls; session++)
        {
            using var call = client.UnaryAsync(new EchoRequest());
            var cookie = (await call.ResponseHeadersAsync).GetValue("set-cookie");
            Assert.StartsWith("sticky=", cookie, StringComparison.Ordinal);
            var server = (await call).Server;
            servers.Add(server);
            for (var i = 0; i < 4; i++)
            {
                using var next = client.UnaryAsync(new EchoRequest(), new Metadata { { "cookie", cookie!.Split(';')[0] } });
                Assert.Null((await next.ResponseHeadersAsync).GetValue("set-cookie"));
                Assert.Equal(server, (await next).Server);
            }
        }

        Assert.Equal(2, servers.Count);
    }

    [Theory]
    [InlineData("Header")]
    [InlineData("Cookie")]
    public async Task A_session_stays_where_a_call_was_answered_that_its_channel_retried(string type)
    {
        var fails = 1;
        Task FailOnce(ServerCallContext context) => Interlocked.Exchange(ref fails, 0) == 1
            ? throw new RpcException(new Status(StatusCode.Unavailable, "not now"))
            : Task.CompletedTask;
        await using var one = await EchoServer.StartAsync("one", FailOnce);
        await using var two = await EchoServer.StartAsync("two", FailOnce);
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = Memory(type, one, two) });
        var retry = new RetryPolicy
        {
            MaxAttempts = 3,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            MaxBackoff = TimeSpan.FromMilliseconds(1),
            BackoffMultiplier = 1,
            RetryableStatusCodes = { StatusCode.Unavailable },
        };
        using var invoker = mesh.CreateCallInvoker(
            "backend",
            new GrpcChannelOptions { ServiceConfig = new ServiceConfig { MethodConfigs = { new MethodConfig { Names = { MethodName.Default }, RetryPolicy = retry } } } });
        for (var session = 0; session < Calls; session++)
        {
            // Also in the midst of a session.
            var client = new Echo.EchoClient(invoker.WithSession(new MeshSession()));
            Volatile.Write(ref fails, 1);
            var before = one.Calls.Count + two.Calls.Count;
            var server = (await client.UnaryAsync(new EchoRequest())).Server;
            Assert.Equal(before + 2, one.Calls.Count + two.Calls.Count);
            Assert.Equal(server, await StaysAsync(client));
            Volatile.Write(ref fails, 1);
            server = (await client.UnaryAsync(new EchoRequest())).Server;
            Assert.Equal(server, await StaysAsync(client));
        }
    }

    [Fact]
    public async Task What_an_interceptor_calls_on_the_way_is_no_part_of_the_session()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var tokens = await EchoServer.StartAsync("tokens");
        var memory = Memory("Header", one);
        memory.Apply(Manifests.Service("tokens", tokens));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = memory });
        using var backend = mesh.CreateCallInvoker("backend");
        using var other = mesh.CreateCallInvoker("tokens");
        var client = new Echo.EchoClient(backend.Intercept(new Asking(new Echo.EchoClient(other))).Intercept(new MeshSessionInterceptor(new MeshSession())));
        for (var i = 0; i < Calls; i++)
        {
            Assert.Equal("one", (await client.UnaryAsync(new EchoRequest())).Server);
        }

        Assert.Equal(2 * Calls, tokens.Calls.Count);
        Assert.Equal(Calls, one.Calls.Count);
    }

    private static InMemorySource Memory(string type, params EchoServer[] servers)
    {
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", servers) + Manifests.GrpcRoute("backend", $$"""
              - backendRefs: [{ name: backend, port: 80 }]
                sessionPersistence: { sessionName: sticky, type: {{type}} }
          """));
        return memory;
    }

    private static async Task<string> StaysAsync(Echo.EchoClient client)
    {
        var server = (await client.UnaryAsync(new EchoRequest())).Server;
        for (var i = 0; i < Calls; i++)
        {
            Assert.Equal(server, (await client.UnaryAsync(new EchoRequest())).Server);
        }

        return server;
    }

    /// <summary>Calls another service, by the same method and another, before each call.</summary>
    private sealed class Asking(Echo.EchoClient other) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            Assert.Equal("tokens", other.Unary(new EchoRequest()).Server);
            using var call = other.ServerStream(new EchoRequest { Replies = 1 });
            Assert.True(call.ResponseStream.MoveNext(CancellationToken.None).GetAwaiter().GetResult());
            return continuation(request, context);
        }
    }
}
