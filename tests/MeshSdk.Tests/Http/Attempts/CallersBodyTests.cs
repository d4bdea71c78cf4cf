using System.Net;
using System.Net.Http.Json;
using System.Threading.Channels;
using MeshSdk.Http.Bodies;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>What retries and mirrors must not do to the body of the caller: produce it twice or early, read it longer than the call, or hold on to it.</summary>
public sealed class CallersBodyTests
{
    private static Task<HttpResponseMessage> Ok => Task.FromResult(ScriptedTransport.Response(200));

    private static Task<RuledMesh> MirroredAsync() => RuledMesh.StartAsync(
        RuledMesh.Rule() with { Filters = [new MirrorFilter(new BackendModel(Snapshots.Cluster("mirror"), 1), 1, 1)] },
        static (_, _) => Ok, 1, null, null, null, Snapshots.Service("mirror", new IPEndPoint(new IPAddress([10, 9, 0, 1]), 80)));

    private static IAsyncEnumerable<int> OneAndTwoOnce()
    {
        var numbers = Channel.CreateUnbounded<int>();
        Assert.True(numbers.Writer.TryWrite(1) && numbers.Writer.TryWrite(2));
        numbers.Writer.Complete();
        return numbers.Reader.ReadAllAsync();
    }

    [Fact]
    public async Task A_sequence_that_can_be_gone_through_once_is_sent_again_whole()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(1, 503)), static (sent, _) => Task.FromResult(ScriptedTransport.Response(sent.Number == 1 ? 503 : 200)));

        using var response = await mesh.PassAsync(mesh.Client.PostAsync("http://backend/", JsonContent.Create(OneAndTwoOnce())));

        Assert.Equal(["[1,2]", "[1,2]"], mesh.Network.Log.Select(static s => s.Body));
    }

    [Fact]
    public async Task A_sequence_that_can_be_gone_through_once_arrives_though_it_is_mirrored()
    {
        await using var mesh = await MirroredAsync();

        using var response = await mesh.Client.PostAsync("http://backend/", JsonContent.Create(OneAndTwoOnce()));

        await mesh.SentAsync(2);
        Assert.All(mesh.Network.Log, static s => Assert.Equal("[1,2]", s.Body));
    }

    [Fact]
    public async Task A_multipart_with_such_a_part_is_produced_once()
    {
        await using var mesh = await MirroredAsync();
        using var parts = new MultipartContent("mixed", "-") { JsonContent.Create(OneAndTwoOnce()) };

        using var response = await mesh.Client.PostAsync("http://backend/", parts);

        await mesh.SentAsync(2);
        Assert.All(mesh.Network.Log, static s => Assert.Contains("[1,2]", s.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mirror_does_not_have_the_body_produced_before_the_request_goes_out()
    {
        await using var mesh = await MirroredAsync();
        var runs = 0;
        async IAsyncEnumerable<int> Numbers()
        {
            Interlocked.Increment(ref runs);
            yield return 1;
            await Task.Yield();
        }

        using var response = await mesh.Client.PostAsync("http://backend/", JsonContent.Create(Numbers()));

        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task That_a_body_is_too_large_for_a_mirror_is_known_before_its_end()
    {
        using var tee = new TeeContent(new StreamContent(new Unseekable(new string('x', KeptBytes.Most + 1))));
        var known = false;
        await tee.CopyToAsync(new Watching(() => known |= tee.Body.IsCompleted));

        Assert.True(known);
        Assert.Null(await tee.Body);
    }

    [Fact]
    public async Task A_message_that_is_disposed_of_under_way_costs_neither_the_response_nor_the_lease_and_closes_its_body()
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(60_000), RuledMesh.Retry(1, 503)), async (_, _) =>
        {
            await answered.Task;
            return ScriptedTransport.Response(200, "answer");
        });
        var body = new Unseekable("body");
        var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = new StreamContent(body) };
        var call = mesh.Client.SendAsync(request);
        await mesh.SentAsync(1);

        request.Dispose();
        answered.SetResult();

        using (var response = await call)
        {
            Assert.Equal("answer", await response.Content.ReadAsStringAsync());
        }

        Assert.False(body.CanRead);
        Assert.Equal(0, mesh.Mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task Over_HTTP_2_the_caller_gets_the_response_when_its_body_is_no_longer_read()
    {
        var answering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await EchoServer.StartAsync("early", HttpProtocols.Http2, async context =>
        {
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            answering.SetResult();
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.SetResult((int)body.Length);
        });
        await using var mesh = await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions()),
            Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2).Routed(RuledMesh.Rule(retry: RuledMesh.Retry(1, 503))));
        using var client = mesh.CreateClient();
        await using var source = new Slow(answering.Task);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = new StreamContent(source) };

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.True(source.IsAtEnd);
        Assert.Equal(Slow.Length, await received.Task);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(KeptBytes.Most + 1)]
    public async Task A_body_that_was_refused_before_it_was_asked_for_is_sent_to_the_next(int length)
    {
        var heads = 0;
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(Interlocked.Increment(ref heads) == 1
                ? "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                : "HTTP/1.1 100 Continue\r\n\r\n");
            await connection.ReadBytesAsync(length);
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Routed(RuledMesh.Rule(retry: RuledMesh.Retry(1, 503))));
        using var client = mesh.CreateClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) });
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/")
        {
            Content = new StreamContent(new Unseekable(new string('x', length))) { Headers = { ContentLength = length } },
        };
        request.Headers.ExpectContinue = true;

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, heads);
    }

    // What is written to it is looked at as it comes.
    private sealed class Watching(Action onWrite) : DelegatingStream(Null)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            onWrite();
            return default;
        }
    }

    // Goes on for a while after the server has begun to answer.
    private sealed class Slow(Task answering) : DelegatingStream(Null)
    {
        private const int Chunk = 4000;
        private const int Chunks = 20;

        // The HTTP stack keeps up to 32 KiB back, the head of the request too, until somebody flushes.
        private const int Enough = 10;
        private int _read;

        public static new int Length => Chunk * Chunks;

        public bool IsAtEnd { get; private set; }

        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_read >= Enough)
            {
                await answering.WaitAsync(cancellationToken);
                await Task.Delay(10, cancellationToken);
            }

            if (_read == Chunks)
            {
                IsAtEnd = true;
                return 0;
            }

            _read++;
            return Chunk;
        }
    }
}
