using System.IO.Compression;
using System.Net;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http;

/// <summary>Responses are decompressed for clients whose handler would have done it.</summary>
public sealed class DecompressionTests
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("the same again and again. ", 1000));

    private static Task<EchoServer> ServerAsync() => EchoServer.StartAsync("one", static async context =>
    {
        var coding = context.Request.Query["coding"].ToString();
        context.Response.Headers.ContentEncoding = coding;
        context.Response.Headers["X-Accepted"] = context.Request.Headers.AcceptEncoding;
        using var buffer = new MemoryStream();
        await using (Stream encoder = coding switch
        {
            "gzip" => new GZipStream(buffer, CompressionMode.Compress, leaveOpen: true),
            "deflate" => new ZLibStream(buffer, CompressionMode.Compress, leaveOpen: true),
            _ => new BrotliStream(buffer, CompressionMode.Compress, leaveOpen: true),
        })
        {
            await encoder.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Text));
        }

        context.Response.ContentLength = buffer.Length;
        await context.Response.Body.WriteAsync(buffer.ToArray());
    });

    public static TheoryData<string, bool> Codings => new()
    {
        { "gzip", false }, { "deflate", false }, { "br", false }, { "gzip", true }, { "deflate", true }, { "br", true },
    };

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Bodies_are_decoded_and_their_headers_no_longer_speak_of_the_coding(string coding, bool streamed)
    {
        await using var server = await ServerAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All });

        var option = streamed ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead;
        using var response = await client.GetAsync($"http://backend/?coding={coding}", option);

        Assert.Empty(response.Content.Headers.ContentEncoding);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(Text, await reader.ReadToEndAsync());
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Theory]
    [InlineData(DecompressionMethods.GZip)]
    [InlineData(DecompressionMethods.Deflate)]
    [InlineData(DecompressionMethods.Brotli)]
    [InlineData(DecompressionMethods.GZip | DecompressionMethods.Deflate)]
    [InlineData(DecompressionMethods.GZip | DecompressionMethods.Brotli)]
    [InlineData(DecompressionMethods.Deflate | DecompressionMethods.Brotli)]
    [InlineData(DecompressionMethods.GZip | DecompressionMethods.Deflate | DecompressionMethods.Brotli)]
    [InlineData(DecompressionMethods.All)]
    public async Task What_is_accepted_is_what_HttpClient_would_accept(DecompressionMethods methods)
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var plain = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = methods });
        using var client = mesh.CreateClient(new SocketsHttpHandler { AutomaticDecompression = methods });

        var expected = await Echo.ReadAsync(await plain.GetAsync($"http://{server.EndPoint}/"));
        var actual = await Echo.ReadAsync(await client.GetAsync("http://backend/"));

        Assert.Equal(expected.Headers["accept-encoding"], actual.Headers["accept-encoding"]);
    }

    [Fact]
    public async Task Without_decompression_bytes_come_as_they_are()
    {
        await using var server = await ServerAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        using var response = await client.GetAsync("http://backend/?coding=gzip");

        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        Assert.False(response.Headers.Contains("X-Accepted"));
        Assert.Equal(0x1f, (await response.Content.ReadAsByteArrayAsync())[0]);
    }

    [Fact]
    public async Task A_coding_that_the_client_did_not_ask_to_be_undone_stays()
    {
        await using var server = await ServerAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip });

        using var response = await client.GetAsync("http://backend/?coding=br");

        Assert.Equal(["br"], response.Content.Headers.ContentEncoding);
    }
}
