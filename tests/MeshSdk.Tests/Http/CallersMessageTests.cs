using System.Diagnostics;
using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

/// <summary>Whatever the mesh does to a request for sending it, the caller gets it back as it was.</summary>
public sealed class CallersMessageTests
{
    // Everything that is ever changed at once: version (the port speaks HTTP/2), URI and Host (an alias), cookies, accepted codings, trace headers.
    private static HttpRequestMessage Message(string path = "/") => new(HttpMethod.Post, $"http://backend.test{path}#fragment")
    {
        Content = new StringContent("body"),
        Headers = { { "Cookie", "own=1" }, { "X-Twice", ["a", "b"] } },
    };

    private static async Task<(TestMesh Mesh, HttpClient Client)> ClientAsync(EchoServer server)
    {
        var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2));
        var cookies = new CookieContainer();
        cookies.Add(new Uri("http://backend.test"), new Cookie("kept", "1"));
        var client = mesh.CreateClient(new SocketsHttpHandler { CookieContainer = cookies, AutomaticDecompression = DecompressionMethods.All });
        await Echo.ReadAsync(await client.GetAsync("http://backend/"));
        return (mesh, client);
    }

    [Fact]
    public async Task After_success_the_message_is_as_it_was()
    {
        using var parent = new Activity("caller").Start();
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http2);
        var (mesh, client) = await ClientAsync(server);
        await using (mesh)
        {
            using var request = Message();
            var before = MessageSnapshot.Of(request);

            using var response = await client.SendAsync(request);

            var echo = await Echo.ReadAsync(response);
            Assert.Equal(before, MessageSnapshot.Of(request));
            Assert.Same(request, response.RequestMessage);
            Assert.Equal("HTTP/2", echo.Protocol);
            Assert.Equal("backend.test", echo.Headers["host"]);
            Assert.Equal("own=1; kept=1", echo.Headers["cookie"]);
            Assert.Equal("gzip, deflate, br", echo.Headers["accept-encoding"]);
            Assert.Contains(parent.TraceId.ToHexString(), echo.Headers["traceparent"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task After_a_failure_the_message_is_as_it_was()
    {
        using var parent = new Activity("caller").Start();
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http2, static context =>
        {
            if (context.Request.Method == "POST")
            {
                context.Abort();
            }

            return EchoServer.EchoAsync("one", context);
        });
        var (mesh, client) = await ClientAsync(server);
        await using (mesh)
        {
            using var request = Message();
            var before = MessageSnapshot.Of(request);

            using var response = await client.SendAsync(request);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal(before, MessageSnapshot.Of(request));
            Assert.Same(request, response.RequestMessage);
        }
    }

    [Fact]
    public async Task After_a_cancel_the_message_is_as_it_was()
    {
        using var parent = new Activity("caller").Start();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http2, context =>
        {
            if (context.Request.Method == "GET")
            {
                return EchoServer.EchoAsync("one", context);
            }

            arrived.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var (mesh, client) = await ClientAsync(server);
        await using (mesh)
        {
            using var request = Message();
            var before = MessageSnapshot.Of(request);
            using var cancel = new CancellationTokenSource();

            var sending = client.SendAsync(request, cancel.Token);
            await arrived.Task;
            await cancel.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
            Assert.Equal(before, MessageSnapshot.Of(request));
            await Eventually.IdleAsync(mesh);
        }
    }

    [Fact]
    public async Task After_an_answer_of_the_mesh_itself_the_message_is_as_it_was()
    {
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend"));
        var cookies = new CookieContainer();
        cookies.Add(new Uri("http://backend.test"), new Cookie("kept", "1"));
        using var client = mesh.CreateClient(new SocketsHttpHandler { CookieContainer = cookies });
        using var request = Message();
        var before = MessageSnapshot.Of(request);

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Same(request, response.RequestMessage);
    }

    [Fact]
    public async Task Headers_that_the_caller_set_are_left_alone()
    {
        using var parent = new Activity("caller").Start();
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All });
        await client.GetAsync("http://backend/");
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend.test/")
        {
            Headers = { { "Host", "chosen.example" }, { "Accept-Encoding", "identity" }, { "traceparent", TraceParent } },
        };
        var before = MessageSnapshot.Of(request);

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.Equal("chosen.example", echo.Headers["host"]);
        Assert.Equal("identity", echo.Headers["accept-encoding"]);
        Assert.Equal(TraceParent, echo.Headers["traceparent"]);
        Assert.Equal(before, MessageSnapshot.Of(request));
    }

    [Fact]
    public async Task Trace_headers_of_the_HTTP_stack_are_taken_off_where_the_caller_traces_nothing()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "System.Net.Http",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        Assert.Null(Activity.Current);
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var invoker = new HttpMessageInvoker(mesh.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");

        var first = await Echo.ReadAsync(await invoker.SendAsync(request, CancellationToken.None));
        var second = await Echo.ReadAsync(await invoker.SendAsync(request, CancellationToken.None));

        Assert.NotEqual(first.Headers["traceparent"], second.Headers["traceparent"]);
        Assert.False(request.Headers.Contains("traceparent"));
    }

    [Fact]
    public async Task A_message_that_was_disposed_of_while_it_was_sent_harms_nothing()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http2, async context =>
        {
            await answer.Task;
            await EchoServer.EchoAsync("one", context);
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient();

        Task<HttpResponseMessage> sending;
        using (var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/"))
        {
            sending = client.SendAsync(request); // a missing await, which HttpClient itself forgives
        }

        answer.SetResult();
        Assert.Equal("one", (await Echo.ReadAsync(await sending)).Server);
        await Eventually.IdleAsync(mesh);
    }
}
