using System.Net;
using System.Net.Http.Headers;
using MeshSdk.AspNetCore.Requests;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.AspNetCore.Tests.Requests;

/// <summary>Refusals as they are on the wire: those of a sidecar, after which the connection can be used on.</summary>
public sealed class InboundReplyTests : IDisposable
{
    private readonly MeshCertificateAuthority _authority = new();

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: backend\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: backend\r\nContent-Length: 10\r\n\r\n0123456789")]
    [InlineData("POST / HTTP/1.1\r\nHost: backend\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData(
        "GET / HTTP/1.1\r\nHost: backend\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")]
    public async Task Plain_text_says_that_access_is_denied(string request)
    {
        await using var host = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(host);

        // A body that nobody has read does not get into the way of the next request.
        for (var i = 0; i < 3; i++)
        {
            await connection.SendAsync(request);
            var (head, body) = await connection.ReadResponseAsync();

            Assert.StartsWith("HTTP/1.1 403 Forbidden\r\n", head, StringComparison.Ordinal);
            Assert.Contains("\r\nContent-Type: text/plain\r\n", head, StringComparison.Ordinal);
            Assert.Contains("\r\nContent-Length: 19\r\n", head, StringComparison.Ordinal);
            Assert.DoesNotContain("\r\nConnection:", head, StringComparison.Ordinal);
            Assert.Equal("RBAC: access denied", body);
        }
    }

    [Fact]
    public async Task A_large_body_that_is_still_on_its_way_is_waited_for()
    {
        await using var host = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(host);
        await connection.SendAsync("POST / HTTP/1.1\r\nHost: backend\r\nContent-Length: 1000000\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403", (await connection.ReadResponseAsync()).Head, StringComparison.Ordinal);

        await connection.SendAsync(new byte[1_000_000]);
        await connection.SendAsync("GET /fine HTTP/1.1\r\nHost: backend\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", (await connection.ReadResponseAsync()).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_asks_first_is_not_told_to_go_on()
    {
        await using var host = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(host);

        await connection.SendAsync("POST / HTTP/1.1\r\nHost: backend\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403", (await connection.ReadResponseAsync()).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_for_the_head_gets_no_body()
    {
        await using var host = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(host);

        await connection.SendAsync("HEAD / HTTP/1.1\r\nHost: backend\r\n\r\n");
        var (head, _) = await connection.ReadResponseAsync(hasBody: false);
        await connection.SendAsync("GET /fine HTTP/1.1\r\nHost: backend\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403", head, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 19\r\n", head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", (await connection.ReadResponseAsync()).Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("APPLICATION/GRPC;charset=utf-8", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpcish", false)]
    [InlineData("application/json", false)]
    public async Task Grpc_is_answered_by_its_status(string contentType, bool isGrpc)
    {
        await using var host = await StartAsync();
        using var client = host.Client(_authority.Issue("spiffe://cluster.local/ns/web/sa/client"), "2.0");
        for (var i = 0; i < 2; i++)
        {
            using var content = new ByteArrayContent(new byte[100_000]);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

            using var response = await client.PostAsync(new Uri("/", UriKind.Relative), content);

            if (isGrpc)
            {
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal("application/grpc", response.Content.Headers.ContentType?.ToString());
                Assert.Equal(["7"], response.Headers.GetValues("grpc-status"));
                Assert.Equal(["RBAC: access denied"], response.Headers.GetValues("grpc-message"));
                Assert.Empty(await response.Content.ReadAsByteArrayAsync());
                Assert.Empty(response.TrailingHeaders);
            }
            else
            {
                Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
                Assert.Equal("RBAC: access denied", await response.Content.ReadAsStringAsync());
            }
        }
    }

    public void Dispose() => _authority.Dispose();

    private Task<MeshHost> StartAsync() => MeshHost.StartAsync(
        _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"),
        application: static app => app.Run(static context =>
            context.Request.Path == "/fine" ? context.Response.WriteAsync("fine") : InboundReply.Denied.WriteAsync(context)));
}
