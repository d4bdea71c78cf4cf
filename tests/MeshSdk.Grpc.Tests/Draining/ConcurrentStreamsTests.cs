using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Scripts;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.Testing;

namespace MeshSdk.Grpc.Tests.Draining;

/// <summary>Servers that take few calls at once on a connection. Calls that are beyond it get connections of their own, and none meets a refusal.</summary>
public sealed class ConcurrentStreamsTests
{
    private const string Retries = """
              - retry: { attempts: 2, codes: [503], backoff: 1ms }
                backendRefs: [{ name: backend, port: 80 }]
        """;

    [Theory]
    [InlineData(1, 50, false)]
    [InlineData(2, 50, false)]
    [InlineData(10, 50, false)]
    [InlineData(100, 250, false)]
    [InlineData(2, 50, true)]
    [InlineData(100, 250, true)]
    public async Task A_burst_of_all_kinds_of_calls_at_a_cold_server_opens_more_connections(int streams, int calls, bool retries)
    {
        var (arrived, go) = (0, new TaskCompletionSource());
        await using var server = await EchoServer.StartAsync(
            "one",
            _ =>
            {
                Interlocked.Increment(ref arrived);
                return go.Task;
            },
            options => options.Limits.Http2.MaxStreamsPerConnection = streams);
        await using var caller = await MeshCaller.StartAsync(
            Manifests.Service("backend", server) + (retries ? Manifests.HttpRoute("backend", Retries) : ""));

        await BurstAsync(caller, calls, () => Volatile.Read(ref arrived) == calls, go);

        Assert.Equal(calls, server.Calls.Count);
        Assert.True(server.Connections >= calls / streams, $"{server.Connections} connections");

        // And at one that has connections already.
        (arrived, go) = (0, new TaskCompletionSource());
        await BurstAsync(caller, 2 * calls, () => Volatile.Read(ref arrived) == 2 * calls, go);
        Assert.Equal(3 * calls, server.Calls.Count);
        Assert.All(await caller.CountedAsync(3 * calls), static counted => Assert.Equal("backend 200 0 -", counted));
    }

    [Fact]
    public async Task A_burst_over_mutual_TLS_opens_more_connections()
    {
        const int Calls = 40;
        var (arrived, go) = (0, new TaskCompletionSource());
        using var authority = new MeshCertificateAuthority();
        await using var server = await ScriptedServer.StartAsync(
            "one", authority.Issue(Cluster.ServerId), static options => options.Limits.Http2.MaxStreamsPerConnection = 4);
        server.OnCall = _ =>
        {
            Interlocked.Increment(ref arrived);
            return go.Task;
        };
        await using var caller = await MeshCaller.StartAsync(
            Cluster.Service("backend", Layer.IstioMutual, "", server), identity: authority.Issue(Cluster.ClientId));

        await BurstAsync(caller, Calls, () => Volatile.Read(ref arrived) == Calls, go);

        Assert.Equal(Calls, server.Calls.Count);
    }

    private static async Task BurstAsync(MeshCaller caller, int calls, Func<bool> haveArrived, TaskCompletionSource go)
    {
        var burst = Enumerable.Range(0, calls).Select(i => CallAsync(caller.Client, i)).ToArray();
        await Eventually.HoldsAsync(() => haveArrived() || burst.Any(static call => call.IsCompleted), "all calls have arrived");
        go.SetResult();
        Assert.All(await Task.WhenAll(burst).WaitAsync(Eventually.Patience), static server => Assert.Equal("one", server));
        await caller.IdleAsync("backend");
    }

    private static async Task<string> CallAsync(Echo.EchoClient client, int i)
    {
        switch (i % 4)
        {
            case 0:
                return (await client.UnaryAsync(new EchoRequest())).Server;
            case 1:
                using (var call = client.ServerStream(new EchoRequest { Replies = 1 }))
                {
                    return await OnlyAsync(call.ResponseStream);
                }

            case 2:
                using (var call = client.ClientStream())
                {
                    await call.RequestStream.WriteAsync(new EchoRequest());
                    await call.RequestStream.CompleteAsync();
                    return (await call.ResponseAsync).Server;
                }

            default:
                using (var call = client.Duplex())
                {
                    await call.RequestStream.WriteAsync(new EchoRequest());
                    await call.RequestStream.CompleteAsync();
                    return await OnlyAsync(call.ResponseStream);
                }
        }
    }

    private static async Task<string> OnlyAsync(IAsyncStreamReader<EchoReply> replies)
    {
        Assert.True(await replies.MoveNext(CancellationToken.None));
        var server = replies.Current.Server;
        Assert.False(await replies.MoveNext(CancellationToken.None));
        return server;
    }
}
