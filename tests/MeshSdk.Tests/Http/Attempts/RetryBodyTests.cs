using System.Net;
using System.Net.Http.Json;
using MeshSdk.Http.Bodies;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>A body is sent again whole, or the request is not sent again.</summary>
public sealed class RetryBodyTests
{
    private static readonly string Largest = new('x', KeptBytes.Most);

    // What it is, how often it is sent where the first try is answered with 500, and what each of them carries.
    private static readonly Dictionary<string, (Func<HttpContent> Create, int Sends, string Body)> Bodies = new()
    {
        ["bytes"] = (static () => new ByteArrayContent("body"u8.ToArray()), 2, "body"),
        ["large bytes"] = (static () => new StringContent(Largest + Largest), 2, Largest + Largest),
        ["memory"] = (static () => new ReadOnlyMemoryContent("body"u8.ToArray()), 2, "body"),
        ["form"] = (static () => new FormUrlEncodedContent([new("a", "b")]), 2, "a=b"),
        ["json"] = (static () => JsonContent.Create(new { A = 1 }), 2, """{"a":1}"""),
        ["stream of known length"] = (static () => Known("body", 4), 2, "body"),
        ["largest stream of known length"] = (static () => Known(Largest, Largest.Length), 2, Largest),
        ["too large a stream"] = (static () => Known(Largest + "x", Largest.Length + 1), 1, Largest + "x"),
        ["stream of unknown length"] = (static () => new StreamContent(new Unseekable("body")), 2, "body"),
        ["stream that turns out the largest"] = (static () => new StreamContent(new Unseekable(Largest)), 2, Largest),
        ["stream that turns out too large"] = (static () => new StreamContent(new Unseekable(Largest + "x")), 1, Largest + "x"),
        ["gRPC"] = (static () => Grpc("body"), 2, "body"),
        ["large gRPC"] = (static () => Grpc(Largest + Largest), 2, Largest + Largest),
        ["too large gRPC"] = (static () => Grpc(new string('x', KeptTotal.MostOfOne + 1)), 1, new string('x', KeptTotal.MostOfOne + 1)),
        ["empty"] = (static () => new ByteArrayContent([]), 2, ""),
    };

    public static TheoryData<string> Names => [.. Bodies.Keys];

    private static StreamContent Known(string text, long length)
    {
        var content = new StreamContent(new Unseekable(text));
        content.Headers.ContentLength = length;
        return content;
    }

    private static StreamContent Grpc(string text)
    {
        var content = new StreamContent(new Unseekable(text));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        return content;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task After_an_answer_to_retry(string name)
    {
        var (create, sends, body) = Bodies[name];
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)), static (sent, _) => Task.FromResult(ScriptedTransport.Response(sent.Number == 1 ? 500 : 200)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = create() };
        request.Content.Headers.TryAddWithoutValidation("X-Own", "1");

        using var response = await mesh.PassAsync(mesh.Client.SendAsync(request));

        Assert.Equal(sends, mesh.Network.Sends);
        Assert.All(mesh.Network.Log, sent => Assert.Equal(body, sent.Body));
        Assert.Equal(sends == 1 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("-", response.GetMeshCall()!.Flags);
    }

    // A connection that was never made has read nothing of the body.
    [Theory]
    [MemberData(nameof(Names))]
    public async Task After_a_refused_connection_any_body_is_sent(string name)
    {
        var (create, _, body) = Bodies[name];
        var refuse = true;
        var received = "";
        await using var mesh = await TestMesh.StartAsync(
            new MeshOptions { TransportFactory = new Refusing(() => refuse, text => received = text, () => refuse = false) },
            Snapshots.Service("backend", new IPEndPoint(IPAddress.Loopback, 1)).Routed(Snapshots.Table(RuledMesh.Rule(retry: RuledMesh.Retry(1)))));
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = create() };

        using var response = await client.SendAsync(request);

        Assert.Equal((2, body), (response.GetMeshCall()!.Attempts, received));
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_is_the_callers_error()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)), static (_, _) => Task.FromResult(ScriptedTransport.Response(200)));
        var content = new StreamContent(new Failing());
        content.Headers.ContentLength = 10;
        var error = await Assert.ThrowsAnyAsync<Exception>(() => mesh.Client.PostAsync("http://backend/", content));
        Assert.Equal("mine", error.GetBaseException().Message);
        Assert.Equal(0, mesh.Network.Sends);
        await mesh.IdleAsync();
    }

    // The first bytes arrive while the last are not yet written: a duplex stream would wait for ever if they were kept back.
    [Fact]
    public async Task A_stream_of_unknown_length_goes_out_as_it_comes()
    {
        await using var server = await EchoServer.StartAsync("duplex", Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2, static async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[5]);
            await context.Response.Body.WriteAsync("first"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint)
            .Speaking(Model.ClusterProtocol.Http2).Routed(Snapshots.Table(RuledMesh.Rule(RuledMesh.Timeouts(60_000), RuledMesh.Retry(3, 500)))));
        using var client = mesh.CreateClient();
        var pipe = new System.IO.Pipelines.Pipe();
        await pipe.Writer.WriteAsync("begin"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = new Duplex(pipe.Reader) };

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[5]);
        await pipe.Writer.WriteAsync("end"u8.ToArray());
        await pipe.Writer.CompleteAsync();

        using var reader = new StreamReader(stream);
        Assert.Equal("end", await reader.ReadToEndAsync());
    }

    // As those of gRPC do: what is there is sent off, and more is waited for.
    private sealed class Duplex(System.IO.Pipelines.PipeReader reader) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var buffer = new byte[100];
            var source = reader.AsStream();
            while (await source.ReadAsync(buffer) is > 0 and var read)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class Refusing(Func<bool> refuses, Action<string> onBody, Action onRefused) : IMeshTransportFactory
    {
        public HttpMessageHandler Create(MeshTransportContext context) => new Handler(this);

        private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (refuses())
            {
                onRefused();
                throw ScriptedTransport.Refused();
            }

            onBody(await request.Content!.ReadAsStringAsyncOnce(cancellationToken));
            return ScriptedTransport.Response(200);
        }

        private sealed class Handler(Refusing network) : HttpMessageHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                var response = await network.SendAsync(request, cancellationToken);
                response.RequestMessage = request;
                return response;
            }
        }
    }

    private sealed class Failing : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("mine");

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
