using System.Net;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http;

/// <summary>A challenge is met with the credentials of the client's own handler.</summary>
public sealed class CredentialTests
{
    [Theory]
    [InlineData("Basic realm=\"r\"", "Basic dXNlcjpzZWNyZXQ=")]
    [InlineData("Digest realm=\"r\", nonce=\"abc\", qop=\"auth\", algorithm=SHA-256", "Digest username=\"user\"")]
    public async Task A_challenge_is_answered_and_the_body_sent_again(string challenge, string expected)
    {
        await using var server = await EchoServer.StartAsync("one", async context =>
        {
            if (context.Request.Headers.Authorization.Count > 0)
            {
                await EchoServer.EchoAsync("one", context);
                return;
            }

            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = challenge;
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { Credentials = new NetworkCredential("user", "secret") });
        using var stranger = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/path?q=1") { Content = new StringContent("body") };
        var before = MessageSnapshot.Of(request);

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.StartsWith(expected, echo.Headers["authorization"], StringComparison.Ordinal);
        Assert.Equal("body", echo.Body);
        Assert.Equal(2, server.Requests);
        using var refused = await stranger.GetAsync("http://backend/");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        Assert.Equal(before, MessageSnapshot.Of(request));
    }
}
