using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using Microsoft.AspNetCore.Http.Features;

namespace MeshSdk.Grpc.Tests.Retries;

/// <summary>Retries of rules over real connections, for all kinds of calls.</summary>
public sealed class RetryTests
{
    private static readonly string[] Kinds = ["unary", "server stream", "client stream", "duplex"];

    private static readonly Func<ServerCallContext, int, Task>[] Failures = [Unavailable, ResetAsync];

    public static TheoryData<string, bool, int> Cases =>
        [.. from kind in Kinds from byInvoker in new[] { true, false } from failure in Enumerable.Range(0, Failures.Length) select (kind, byInvoker, failure)];

    public static TheoryData<string> AllKinds => [.. Kinds];

    public static TheoryData<string> Streams => ["client stream", "duplex"];

    private static Task Unavailable(ServerCallContext context, int number) =>
        number == 1 ? throw new RpcException(new Status(StatusCode.Unavailable, "not now")) : Task.CompletedTask;

    // The connection ends before anything was answered.
    private static Task ResetAsync(ServerCallContext context, int number)
    {
        if (number == 1)
        {
            context.GetHttpContext().Abort();
            throw new RpcException(new Status(StatusCode.Unavailable, "never seen"));
        }

        return Task.CompletedTask;
    }

    private static async Task<EchoServer> ServeAsync(Func<ServerCallContext, int, Task> onCall)
    {
        var calls = 0;
        return await EchoServer.StartAsync("one", context => onCall(context, Interlocked.Increment(ref calls)));
    }

    private static async Task<Mesh> MeshAsync(EchoServer server, string retry = "{ attempts: 2, codes: [503], backoff: 1ms }")
    {
        var memory = new InMemorySource();
        memory.Apply(Manifests.Service("backend", server) + Manifests.HttpRoute("backend", $$"""
              - retry: {{retry}}
                backendRefs: [{ name: backend, port: 80 }]
        """));
        return await Mesh.StartAsync(new MeshOptions { InMemory = memory });
    }

    // What comes back of three messages, in order.
    private static async Task<string> CallAsync(Echo.EchoClient client, string kind, string text = "m")
    {
        var token = TestContext.Current.CancellationToken;
        switch (kind)
        {
            case "unary":
                return (await client.UnaryAsync(new EchoRequest { Text = text }, cancellationToken: token)).Text;
            case "server stream":
                using (var down = client.ServerStream(new EchoRequest { Text = text, Replies = 3 }, cancellationToken: token))
                {
                    return string.Join(',', await down.ResponseStream.ReadAllAsync(token).Select(static reply => reply.Text).ToListAsync(token));
                }

            case "client stream":
                using (var up = client.ClientStream(cancellationToken: token))
                {
                    for (var i = 0; i < 3; i++)
                    {
                        await up.RequestStream.WriteAsync(new EchoRequest { Text = $"{text}{i}" }, token);
                    }

                    await up.RequestStream.CompleteAsync();
                    return (await up).Text;
                }

            default:
                using (var both = client.Duplex(cancellationToken: token))
                {
                    List<string> texts = [];
                    for (var i = 0; i < 3; i++)
                    {
                        // The next message waits for the answer to the one before it.
                        await both.RequestStream.WriteAsync(new EchoRequest { Text = $"{text}{i}" }, token);
                        Assert.True(await both.ResponseStream.MoveNext(token));
                        texts.Add(both.ResponseStream.Current.Text);
                    }

                    await both.RequestStream.CompleteAsync();
                    Assert.False(await both.ResponseStream.MoveNext(token));
                    return string.Join(',', texts);
                }
        }
    }

    private static string Expected(string kind) => kind switch { "unary" => "m", "server stream" => "m,m,m", _ => "m0,m1,m2" };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_attempt_that_fails_at_once_is_made_again_with_all_that_was_written(string kind, bool byInvoker, int failure)
    {
        await using var server = await ServeAsync(Failures[failure]);
        await using var mesh = await MeshAsync(server);
        using var invoker = mesh.CreateCallInvoker("backend");
        using var channel = GrpcChannel.ForAddress("http://backend", new GrpcChannelOptions { HttpHandler = mesh.CreateHandler(), DisposeHttpClient = true });
        var client = byInvoker ? new Echo.EchoClient(invoker) : new Echo.EchoClient(channel);

        Assert.Equal(Expected(kind), await CallAsync(client, kind));

        Assert.Equal([null, "1"], server.Calls.Select(static call => call.Find("grpc-previous-rpc-attempts")));
        Assert.Equal(0, mesh.Runtime.Engine.Attempts.Kept.Bytes);
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public async Task A_server_that_asks_for_no_retry_gets_none(string kind)
    {
        await using var server = await ServeAsync(static (_, _) => throw new RpcException(
            new Status(StatusCode.Unavailable, "never"), new Metadata { { "grpc-retry-pushback-ms", "-1" } }));
        await using var mesh = await MeshAsync(server);
        using var invoker = mesh.CreateCallInvoker("backend");
        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(new Echo.EchoClient(invoker), kind));
        Assert.Equal((StatusCode.Unavailable, 1), (error.StatusCode, server.Calls.Count));
    }

    // The backoff of the rule would outlast the test.
    [Theory]
    [MemberData(nameof(AllKinds))]
    public async Task A_server_that_asks_for_a_wait_is_called_again_after_it(string kind)
    {
        await using var server = await ServeAsync(static (_, number) => number > 1 ? Task.CompletedTask : throw new RpcException(
            new Status(StatusCode.Unavailable, "soon"), new Metadata { { "grpc-retry-pushback-ms", "2" } }));
        await using var mesh = await MeshAsync(server, "{ attempts: 1, codes: [503], backoff: 1h }");
        using var invoker = mesh.CreateCallInvoker("backend");
        Assert.Equal(Expected(kind), await CallAsync(new Echo.EchoClient(invoker), kind));
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public async Task A_stream_that_has_begun_and_fails_is_not_made_again(string kind)
    {
        await using var server = await ServeAsync(static async (context, _) =>
        {
            await context.WriteResponseHeadersAsync([]);
            throw new RpcException(new Status(StatusCode.Unavailable, "late"));
        });
        await using var mesh = await MeshAsync(server);
        using var invoker = mesh.CreateCallInvoker("backend");
        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(new Echo.EchoClient(invoker), kind));
        Assert.Equal((StatusCode.Unavailable, 1), (error.StatusCode, server.Calls.Count));
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public async Task A_channel_that_fails_too_often_holds_itself_back(string kind)
    {
        await using var server = await ServeAsync(static (_, _) => throw new RpcException(new Status(StatusCode.Unavailable, "always")));
        await using var mesh = await MeshAsync(server, "{ attempts: 9, codes: [503], backoff: 1ms }");
        var config = new ServiceConfig { RetryThrottling = new RetryThrottlingPolicy { MaxTokens = 6, TokenRatio = 0.1 } };
        using var invoker = mesh.CreateCallInvoker("backend", new GrpcChannelOptions { ServiceConfig = config });
        await Assert.ThrowsAsync<RpcException>(() => CallAsync(new Echo.EchoClient(invoker), kind));
        Assert.Equal(3, server.Calls.Count);
        await Assert.ThrowsAsync<RpcException>(() => CallAsync(new Echo.EchoClient(invoker.WithSession(null)), kind));
        Assert.Equal(4, server.Calls.Count);
    }

    [Theory]
    [InlineData("{ attempts: 2, codes: [503], backoff: 1ms }", 3)]
    [InlineData("{ attempts: 2, codes: [500], backoff: 1ms }", 1)]
    public async Task The_rule_decides_where_the_channel_retries_too(string retry, int calls)
    {
        foreach (var kind in Kinds)
        {
            await using var server = await ServeAsync(static (_, _) => throw new RpcException(new Status(StatusCode.Unavailable, "always")));
            await using var mesh = await MeshAsync(server, retry);
            using var invoker = mesh.CreateCallInvoker("backend", new GrpcChannelOptions { ServiceConfig = Retrying() });
            await Assert.ThrowsAsync<RpcException>(() => CallAsync(new Echo.EchoClient(invoker), kind));
            Assert.Equal(calls, server.Calls.Count);
        }
    }

    // The contents of such a channel write a message once and for all, whoever asks a second time.
    [Theory]
    [MemberData(nameof(AllKinds))]
    public async Task What_a_channel_that_retries_has_written_is_sent_again_by_the_rule(string kind)
    {
        await using var server = await ServeAsync(Unavailable);
        await using var mesh = await MeshAsync(server);
        using var invoker = mesh.CreateCallInvoker("backend", new GrpcChannelOptions { ServiceConfig = Retrying() });
        Assert.Equal(Expected(kind), await CallAsync(new Echo.EchoClient(invoker), kind));
        Assert.Equal(2, server.Calls.Count);
    }

    [Theory]
    [InlineData("unary", 2)]
    [InlineData("client stream", 1)]
    public async Task What_is_too_much_to_keep_is_sent_once(string kind, int calls)
    {
        // Of the unary call 600 kB are kept; of the stream three times that would have to be. The server fails when it has read it all.
        await using var server = await ServeAsync(static (_, _) => Task.CompletedTask);
        server.AfterRead = context => server.Calls.Count == 1
            ? throw new RpcException(new Status(StatusCode.Unavailable, "read and refused"))
            : Task.CompletedTask;
        await using var mesh = await MeshAsync(server);
        using var invoker = mesh.CreateCallInvoker("backend");
        var call = CallAsync(new Echo.EchoClient(invoker), kind, new string('x', 600_000));
        if (calls == 2)
        {
            Assert.Equal(600_000, (await call).Length);
        }
        else
        {
            Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);
        }

        Assert.Equal(calls, server.Calls.Count);
        Assert.Equal(0, mesh.Runtime.Engine.Attempts.Kept.Bytes);
    }

    [Fact]
    public async Task A_stream_beyond_the_limit_arrives_whole()
    {
        await using var server = await ServeAsync(Unavailable);
        await using var mesh = await MeshAsync(server);
        using var invoker = mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(invoker);
        using var up = client.ClientStream(cancellationToken: TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            await up.RequestStream.WriteAsync(new EchoRequest { Text = i.ToString(CultureInfo.InvariantCulture) + new string('x', 100_000) });
        }

        // By now or soon the second attempt is there, and is written to until the caller has no more.
        await Eventually.HoldsAsync(() => server.Calls.Count == 2);
        for (var i = 3; i < 30; i++)
        {
            await up.RequestStream.WriteAsync(new EchoRequest { Text = i.ToString(CultureInfo.InvariantCulture) + new string('x', 100_000) });
        }

        await up.RequestStream.CompleteAsync();
        var texts = (await up).Text.Split(',');
        Assert.Equal(Enumerable.Range(0, 30).Select(static i => $"{i}"), texts.Select(static text => text.TrimEnd('x')));
        Assert.Equal(0, mesh.Runtime.Engine.Attempts.Kept.Bytes);
    }

    // The connection takes no more, and what was kept meanwhile is as much as may be: a message waits for its turn.
    [Fact]
    public async Task A_message_that_is_being_written_when_the_call_ends_fails_as_in_any_channel()
    {
        var fail = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ServeAsync(async (_, _) =>
        {
            await fail.Task;
            throw new RpcException(new Status(StatusCode.Unavailable, "not now"));
        });
        await using var mesh = await MeshAsync(server);
        using var invoker = mesh.CreateCallInvoker("backend");
        using var up = new Echo.EchoClient(invoker).ClientStream(cancellationToken: TestContext.Current.CancellationToken);
        var writing = Task.Run(async () =>
        {
            while (true)
            {
                await up.RequestStream.WriteAsync(new EchoRequest { Text = new string('x', 30_000) });
            }
        });
        await Eventually.HoldsAsync(() => mesh.Runtime.Engine.Attempts.Kept.Bytes > 1_000_000);

        fail.SetResult();

        // With the status of the call, or as cancelled where the channel does not know that yet.
        await Assert.ThrowsAsync<RpcException>(() => writing);
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(async () => await up)).StatusCode);
        await Eventually.HoldsAsync(() => mesh.Runtime.Engine.Attempts.Kept.Bytes == 0);
    }

    // The HTTP stack sends what was refused four times by itself, and the mesh once more.
    [Theory]
    [InlineData("unary", 1)]
    [InlineData("unary", 4)]
    [InlineData("server stream", 4)]
    public async Task A_message_that_is_too_much_to_keep_is_written_anew_where_a_server_has_refused_it(string kind, int refused)
    {
        var requests = 0;
        await using var server = await EchoServer.StartAsync("one", application: app => app.Use(next => async context =>
        {
            if (Interlocked.Increment(ref requests) <= refused)
            {
                // So that as much of it as the connection takes is on its way.
                await context.Request.BodyReader.ReadAsync();
                context.Features.Get<IHttpResetFeature>()!.Reset(7);
                return;
            }

            await next(context);
        }));
        await using var mesh = await MeshAsync(server);
        using var invoker = mesh.CreateCallInvoker("backend");

        var text = await CallAsync(new Echo.EchoClient(invoker), kind, new string('x', 2_000_000));

        Assert.Equal(kind == "unary" ? 2_000_000 : 6_000_002, text.Length);
        Assert.Single(server.Calls);
        Assert.Equal(0, mesh.Runtime.Engine.Attempts.Kept.Bytes);
    }

    private static ServiceConfig Retrying() => new()
    {
        MethodConfigs =
        {
            new MethodConfig
            {
                Names = { MethodName.Default },
                RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = 4, InitialBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(1), BackoffMultiplier = 1,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                },
            },
        },
    };
}
