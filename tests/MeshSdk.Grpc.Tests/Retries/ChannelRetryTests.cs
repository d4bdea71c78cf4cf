using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Retries;

/// <summary>Channels that retry by themselves, under rules and meshes that would too, and within sessions.</summary>
public sealed class ChannelRetryTests
{
    private const int Attempts = 4;

    private static ServiceConfig Retrying(StatusCode status) => new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = Attempts, InitialBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(1), BackoffMultiplier = 1,
                    RetryableStatusCodes = { status },
                },
            },
        },
    };

    private static Task<EchoServer> FailingAsync(StatusCode status, string name = "one") =>
        EchoServer.StartAsync(name, _ => throw new RpcException(new Status(status, "always")));

    [Theory]
    [InlineData(StatusCode.ResourceExhausted, false)]
    [InlineData(StatusCode.ResourceExhausted, true)]
    [InlineData(StatusCode.Unavailable, false)]
    [InlineData(StatusCode.Unavailable, true)]
    public async Task A_service_config_holds_whatever_the_mesh_does_by_default(StatusCode status, bool asIstio)
    {
        await using var server = await FailingAsync(status);
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server) + Manifests.GrpcRoute("backend", "  - backendRefs: [{ name: backend, port: 80 }]"));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = memory, IstioCompatible = asIstio });
        using var invoker = mesh.CreateCallInvoker("backend", new GrpcChannelOptions { ServiceConfig = Retrying(status) });

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(invoker).UnaryAsync(new EchoRequest()));

        Assert.Equal((status, Attempts), (error.StatusCode, server.Calls.Count));
    }

    // Twice more by the rule, then three times more by the channel, and not each of those three times.
    [Fact]
    public async Task Over_a_handler_alone_the_attempts_of_a_rule_and_of_a_channel_add_up()
    {
        await using var server = await FailingAsync(StatusCode.Unavailable);
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server) + Manifests.HttpRoute("backend", """
              - retry: { attempts: 2, codes: [503], backoff: 1ms }
                backendRefs: [{ name: backend, port: 80 }]
        """));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = memory });
        using var channel = GrpcChannel.ForAddress(
            "http://backend", new GrpcChannelOptions { HttpHandler = mesh.CreateHandler(), DisposeHttpClient = true, ServiceConfig = Retrying(StatusCode.Unavailable) });

        await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()));

        Assert.Equal([null, "1", "2", "1", "2", "3"], server.Calls.Select(static call => call.Find("grpc-previous-rpc-attempts")));
    }

    [Fact]
    public async Task Attempts_of_a_session_leave_the_endpoint_that_failed_and_stay_on_its_backend()
    {
        string? failing = null;
        var servers = new List<EchoServer>();
        try
        {
            foreach (var name in new[] { "v1-a", "v1-b", "v2-a", "v2-b" })
            {
                servers.Add(await EchoServer.StartAsync(name, _ => Volatile.Read(ref failing) == name
                    ? throw new RpcException(new Status(StatusCode.Unavailable, "ill"))
                    : Task.CompletedTask));
            }

            var memory = new InMemorySource();
            memory.Apply(Manifests.Service("v1", servers[0], servers[1]) + Manifests.Service("v2", servers[2], servers[3])
                + "apiVersion: v1\nkind: Service\nmetadata: { name: backend, namespace: default }\nspec: { clusterIP: None, ports: [{ name: grpc, port: 80, targetPort: 80 }] }\n---\n"
                + Manifests.GrpcRoute("backend", """
                      - backendRefs: [{ name: v1, port: 80 }, { name: v2, port: 80 }]
                        sessionPersistence: { sessionName: sticky, type: Header }
                  """));
            await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = memory });
            using var invoker = mesh.CreateCallInvoker("backend", new GrpcChannelOptions { ServiceConfig = Retrying(StatusCode.Unavailable) });
            for (var i = 0; i < 12; i++)
            {
                Volatile.Write(ref failing, null);
                var client = new Echo.EchoClient(invoker.WithSession(new MeshSession()));
                var first = (await client.UnaryAsync(new EchoRequest())).Server;
                var current = servers.Single(server => server.Name == first);
                var before = current.Calls.Count;

                Volatile.Write(ref failing, first);
                var second = (await client.UnaryAsync(new EchoRequest())).Server;
                Assert.NotEqual(first, second);
                Assert.Equal(first[..2], second[..2]);
                Assert.Equal(before + 1, current.Calls.Count);

                // Where it was served in the end, it stays.
                Volatile.Write(ref failing, null);
                Assert.Equal(second, (await client.UnaryAsync(new EchoRequest())).Server);
            }
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }
}
