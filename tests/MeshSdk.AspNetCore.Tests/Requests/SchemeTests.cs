using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.AspNetCore.Tests.Requests;

/// <summary>The scheme of a request is that of its transport, whatever the caller writes.</summary>
public sealed class SchemeTests : IDisposable
{
    private readonly MeshCertificateAuthority _authority = new();

    /// <summary>Sidecars say "http" within mutual TLS, the client half says "https".</summary>
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Within_tls_it_is_https(string stated)
    {
        await using var host = await StartAsync(HttpProtocols.Http1AndHttp2);
        await using var connection = await RawConnection.OpenAsync(host, _authority.Issue("spiffe://cluster.local/ns/web/sa/client"), "h2");

        Assert.Equal(
            "spiffe://cluster.local/ns/web/sa/client HTTP/2 https",
            await connection.AskHttp2Async((":method", "GET"), (":scheme", stated), (":path", "/"), (":authority", "backend")));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task In_plaintext_it_is_http(string stated)
    {
        await using var host = await StartAsync(HttpProtocols.Http2);
        await using var connection = await RawConnection.OpenAsync(host);

        Assert.Equal(
            "plaintext HTTP/2 http",
            await connection.AskHttp2Async((":method", "GET"), (":scheme", stated), (":path", "/"), (":authority", "backend")));
    }

    [Fact]
    public async Task In_plaintext_http1_it_is_http_also_where_the_whole_uri_is_written()
    {
        await using var host = await StartAsync(HttpProtocols.Http1);
        await using var connection = await RawConnection.OpenAsync(host);

        await connection.SendAsync("GET https://backend/ HTTP/1.1\r\nHost: backend\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", (await connection.ReadResponseAsync(hasBody: false)).Head, StringComparison.Ordinal);
    }

    public void Dispose() => _authority.Dispose();

    private Task<MeshHost> StartAsync(HttpProtocols protocols) =>
        MeshHost.StartAsync(_authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"), protocols: protocols);
}
