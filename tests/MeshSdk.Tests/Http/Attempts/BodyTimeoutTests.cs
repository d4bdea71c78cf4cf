using System.IO.Pipelines;
using System.Net;
using System.Text;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>Both timeouts go on until the body has ended: the API speaks of the full response.</summary>
public sealed class BodyTimeoutTests
{
    private const string OfRequest = "The response did not end within the 0.5 s of timeouts.request of HTTPRoute test/route rule 0";

    // A body that begins and does not end, on a real connection, with a clock of its own.
    private sealed class Backend : IAsyncDisposable
    {
        public required EchoServer Server { get; init; }

        public required TestMesh Mesh { get; init; }

        public required FakeTimeProvider Time { get; init; }

        public required HttpClient Client { get; init; }

        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static async Task<Backend> StartAsync(RouteTimeouts timeouts, HttpProtocols protocol = HttpProtocols.Http1)
        {
            Backend? self = null;
            var server = await EchoServer.StartAsync("slow", protocol, async context =>
            {
                await context.Response.WriteAsync("begin ");
                await context.Response.Body.FlushAsync();
                await self!.End.Task.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync("end");
            });
            var time = new FakeTimeProvider();
            var mesh = await TestMesh.StartAsync(
                new MeshEnvironment(new MeshOptions()) { Time = time },
                Snapshots.Service("backend", server.EndPoint).Speaking(protocol == HttpProtocols.Http1 ? ClusterProtocol.Http1 : ClusterProtocol.Http2)
                    .Routed(Snapshots.Table(RuledMesh.Rule(timeouts))));
            return self = new Backend
            {
                Server = server,
                Mesh = mesh,
                Time = time,
                Client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true }),
            };
        }

        public Task<HttpResponseMessage> HeadersAsync() => Client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);

        public async ValueTask DisposeAsync()
        {
            End.TrySetResult();
            Client.Dispose();
            await Mesh.DisposeAsync();
            await Server.DisposeAsync();
        }
    }

    public static TheoryData<HttpProtocols, bool> Ways => new()
    {
        { HttpProtocols.Http1, false }, { HttpProtocols.Http1, true }, { HttpProtocols.Http2, false }, { HttpProtocols.Http2, true },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_read_that_waits_for_too_long_fails_and_says_why(HttpProtocols protocol, bool ownToken)
    {
        await using var backend = await Backend.StartAsync(RuledMesh.Timeouts(500), protocol);
        using var response = await backend.HeadersAsync();
        using var own = new CancellationTokenSource();
        var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[100];
        Assert.Equal("begin ", Encoding.ASCII.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, 6)));
        var read = stream.ReadAsync(buffer, ownToken ? own.Token : default).AsTask();
        backend.Time.Advance(TimeSpan.FromMilliseconds(500));

        var error = await Assert.ThrowsAnyAsync<HttpIOException>(() => read);

        Assert.Equal(OfRequest, error.Message);
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal(("UT", 1), (response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        await Assert.ThrowsAnyAsync<HttpIOException>(() => stream.ReadAsync(buffer).AsTask());
        await Eventually.IdleAsync(backend.Mesh);
    }

    [Fact]
    public async Task A_synchronous_read_fails_too()
    {
        await using var backend = await Backend.StartAsync(RuledMesh.Timeouts(null, 500));
        using var response = await backend.HeadersAsync();
        var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[6];
        stream.ReadExactly(buffer);
        var read = Task.Run(() => stream.Read(buffer));
        await PassUntilAsync(backend, () => read.IsCompleted);
        Assert.Contains("timeouts.backendRequest", (await Assert.ThrowsAnyAsync<HttpIOException>(() => read)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_client_that_buffers_gets_an_HttpRequestException(HttpProtocols protocol, bool ownToken)
    {
        await using var backend = await Backend.StartAsync(RuledMesh.Timeouts(500, 400), protocol);
        using var own = new CancellationTokenSource();
        using var head = new HeadNoticed(backend.Mesh.CreateHandler());
        using var client = new HttpClient(head);
        var call = client.GetAsync("http://backend/", ownToken ? own.Token : default);

        // The time is that of the body: a head that has not come by then is another matter.
        await Task.WhenAny(head.Come.Task, call);
        await PassUntilAsync(backend, () => call.IsCompleted);
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.Contains("did not", error.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_nobody_reads_ends_at_its_time_for_the_endpoint()
    {
        await using var backend = await Backend.StartAsync(RuledMesh.Timeouts(500));
        using var response = await backend.HeadersAsync();
        Assert.Equal(1, backend.Mesh.Endpoint().ActiveRequests);
        backend.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(0, backend.Mesh.Endpoint().ActiveRequests);
        var stream = await response.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<HttpIOException>(() => stream.ReadAsync(new byte[10]).AsTask());
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task The_callers_token_of_the_send_does_not_end_the_body_and_that_of_a_read_is_the_readers(HttpProtocols protocol)
    {
        await using var backend = await Backend.StartAsync(RuledMesh.Timeouts(500, 400), protocol);
        using var send = new CancellationTokenSource();
        using var invoker = new HttpMessageInvoker(backend.Mesh.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        using var response = await invoker.SendAsync(request, send.Token);
        await send.CancelAsync();
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[6]);
        using var reader = new CancellationTokenSource();
        var read = stream.ReadAsync(new byte[10], reader.Token).AsTask();
        await reader.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(reader.Token, error.CancellationToken);
    }

    [Fact]
    public async Task A_body_in_time_is_whole_and_reading_on_after_its_end_is_no_error()
    {
        await using var backend = await Backend.StartAsync(RuledMesh.Timeouts(500, 400));
        backend.End.SetResult();
        using var response = await backend.HeadersAsync();
        var stream = await response.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(stream, leaveOpen: true);
        Assert.Equal("begin end", await reader.ReadToEndAsync());
        Assert.Equal(0, backend.Mesh.Endpoint().ActiveRequests);
        backend.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await stream.ReadAsync(new byte[10]));
        Assert.Equal("-", response.GetMeshCall()!.Flags);
    }

    [Fact]
    public async Task A_gRPC_stream_may_last()
    {
        var pipe = new Pipe();
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500, 400)), (_, _) => Task.FromResult(
            new HttpResponseMessage { Content = new StreamContent(pipe.Reader.AsStream()) { Headers = { { "Content-Type", "application/grpc" } } } }));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/echo.Echo/Watch")
        {
            Content = new StringContent("") { Headers = { ContentType = new("application/grpc") } },
        };
        using var response = await mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        mesh.Time.Advance(TimeSpan.FromHours(10));
        await pipe.Writer.WriteAsync("still here"u8.ToArray());
        await pipe.Writer.CompleteAsync();
        Assert.Equal("still here", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_upgraded_connection_has_no_timeout()
    {
        await using var server = RawServer.Start(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n");
            await connection.ReadBytesAsync(4);
            await connection.WriteAsync("pong");
        });
        var time = new FakeTimeProvider();
        await using var mesh = await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions()) { Time = time },
            Snapshots.Service("backend", server.EndPoint).Routed(Snapshots.Table(RuledMesh.Rule(RuledMesh.Timeouts(500, 400)))));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { { "Connection", "Upgrade" }, { "Upgrade", "chat" } } };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        time.Advance(TimeSpan.FromHours(1));
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.WriteAsync("ping"u8.ToArray());
        var buffer = new byte[4];
        await stream.ReadExactlyAsync(buffer);
        Assert.Equal("pong", Encoding.ASCII.GetString(buffer));
    }

    private static Task PassUntilAsync(Backend backend, Func<bool> happened) => Eventually.HoldsAsync(() =>
    {
        if (!happened())
        {
            backend.Time.Advance(TimeSpan.FromMilliseconds(5));
        }

        return happened();
    });
}
