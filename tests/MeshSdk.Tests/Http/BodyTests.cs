using System.Net;
using System.Security.Cryptography;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

/// <summary>Bodies in both directions.</summary>
public sealed class BodyTests
{
    private static async Task<(EchoServer, TestMesh)> StartAsync(HttpProtocols protocols, RequestDelegate handle)
    {
        var server = await EchoServer.StartAsync("one", protocols, handle);
        var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint)
            .Speaking(protocols == HttpProtocols.Http2 ? ClusterProtocol.Http2 : ClusterProtocol.Auto));
        return (server, mesh);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, true)]
    [InlineData(HttpProtocols.Http1, false)]
    [InlineData(HttpProtocols.Http2, true)]
    [InlineData(HttpProtocols.Http2, false)]
    public async Task Large_bodies_go_both_ways_unharmed(HttpProtocols protocols, bool lengthKnown)
    {
        var (server, mesh) = await StartAsync(protocols, static async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            context.Response.ContentLength = context.Request.ContentLength;
            await context.Response.Body.WriteAsync(body.ToArray());
        });
        await using (server)
        await using (mesh)
        {
            var sent = RandomNumberGenerator.GetBytes(8_000_000);
            using var client = mesh.CreateClient();
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/")
            {
                Content = lengthKnown ? new ByteArrayContent(sent) : new StreamContent(new UnseekableStream(sent)),
            };

            using var response = await client.SendAsync(request);

            Assert.Equal(sent, await response.Content.ReadAsByteArrayAsync());
            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", true)]
    public async Task A_body_that_ends_early_is_HttpClients_exception(string answer, bool buffered)
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(answer);
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        if (buffered)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://backend/"));
        }
        else
        {
            var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
            var body = await response.Content.ReadAsStreamAsync();
            var error = await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null));
            Assert.Equal(HttpRequestError.ResponseEnded, Assert.IsType<HttpIOException>(error).HttpRequestError);
        }

        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task Trailers_can_be_read_after_the_body()
    {
        var (server, mesh) = await StartAsync(HttpProtocols.Http2, static async context =>
        {
            await context.Response.WriteAsync("body");
            context.Response.AppendTrailer("x-trailer", "value");
        });
        await using var chunked = RawServer.Start(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nx-trailer: value\r\n\r\n");
        });
        await using (server)
        await using (mesh)
        {
            mesh.Publish(Snapshots.Service("chunked", chunked.EndPoint));
            using var client = mesh.CreateClient();
            foreach (var uri in new[] { "http://backend/", "http://chunked/" })
            {
                using var response = await client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead);
                Assert.Equal("body", await response.Content.ReadAsStringAsync());
                Assert.Equal("value", response.TrailingHeaders.GetValues("x-trailer").Single());
            }
        }
    }

    [Fact]
    public async Task The_body_waits_for_100_Continue_and_stays_away_after_a_refusal()
    {
        await using var server = RawServer.Start(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            Assert.Contains("Expect: 100-continue", head, StringComparison.OrdinalIgnoreCase);
            if (head!.StartsWith("POST /welcome", StringComparison.Ordinal))
            {
                await connection.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
                await connection.ReadBytesAsync(4);
                await connection.OkAsync(headers: "Connection: close\r\n");
            }
            else
            {
                await connection.WriteAsync("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) });
        client.DefaultRequestHeaders.ExpectContinue = true;

        using var welcome = await client.PostAsync("http://backend/welcome", new StringContent("body"));
        using var refused = await client.PostAsync("http://backend/refused", new StringContent("body"));

        Assert.Equal("ok", await welcome.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.ExpectationFailed, refused.StatusCode);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task A_response_that_the_close_of_the_connection_ends_is_read_to_its_end()
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it");
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        Assert.Equal("all of it", await client.GetStringAsync("http://backend/"));
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Theory]
    [InlineData("", "all of it", null)] // ended by the close of the connection
    [InlineData("Content-Length: 9\r\n", "all of it", null)]
    [InlineData("Content-Length: 90\r\n", null, HttpRequestError.ResponseEnded)]
    public async Task A_response_that_comes_before_the_request_is_sent_is_read_as_any_other(string header, string? text, HttpRequestError? error)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync($"HTTP/1.1 413 Too much\r\nConnection: close\r\n{header}\r\nall of it");
            answered.SetResult();
            await connection.ReadBytesAsync(5);
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();
        var body = new LateContent();

        var sending = client.PostAsync("http://backend/", body);
        await answered.Task;
        body.Go.SetResult();

        if (error is null)
        {
            using var response = await sending;
            Assert.Equal(text, await response.Content.ReadAsStringAsync());
        }
        else
        {
            Assert.Equal(error, (await Assert.ThrowsAsync<HttpRequestException>(() => sending)).HttpRequestError);
        }

        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Synchronous_calls_work(HttpProtocols protocols)
    {
        var (server, mesh) = await StartAsync(protocols, static context => EchoServer.EchoAsync("one", context));
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            var text = await Task.Run(() =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = new StringContent("body") };
                using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
                using var reader = new StreamReader(response.Content.ReadAsStream());
                return reader.ReadToEnd();
            });

            Assert.Contains("\"body\":\"body\"", text, StringComparison.Ordinal);
            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }

    private sealed class LateContent : HttpContent
    {
        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            await Go.Task;
            await stream.WriteAsync("five!"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 5;
            return true;
        }
    }

    private sealed class UnseekableStream(byte[] data) : MemoryStream(data)
    {
        public override bool CanSeek => false;
    }
}
