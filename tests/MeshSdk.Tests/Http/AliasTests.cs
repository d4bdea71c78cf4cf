using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

/// <summary>One service has many names; connections to it are shared by all of them.</summary>
public sealed class AliasTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Aliases_share_connections_and_keep_their_Host(HttpProtocols protocols)
    {
        await using var server = await EchoServer.StartAsync("one", protocols);
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint)
            .Speaking(protocols == HttpProtocols.Http2 ? ClusterProtocol.Http2 : ClusterProtocol.Http1));
        using var client = mesh.CreateClient();

        foreach (var host in new[] { "backend.test", "backend", "backend.test.svc.cluster.local", "backend.test.svc.cluster.local." })
        {
            var echo = await Echo.ReadAsync(await client.GetAsync($"http://{host}/a%2Fb/%E4?q=%20x"));
            Assert.Equal(host, echo.Headers["host"]);
            Assert.Equal("/a%2Fb/%E4?q=%20x", echo.Target);
        }

        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task An_alias_with_a_port_keeps_it_in_Host()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).OnPort(8080));
        using var client = mesh.CreateClient();

        Assert.Equal("backend:8080", (await Echo.ReadAsync(await client.GetAsync("http://backend:8080/"))).Headers["host"]);
        Assert.Equal("backend.test:8080", (await Echo.ReadAsync(await client.GetAsync("http://backend.test:8080/"))).Headers["host"]);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task An_IPv6_ClusterIP_can_be_the_first_name_and_another_name()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint) with { Hosts = ["fd00::1", "backend"] });
        using var client = mesh.CreateClient();

        Assert.Equal("[fd00::1]", (await Echo.ReadAsync(await client.GetAsync("http://[fd00::1]/"))).Headers["host"]);
        Assert.Equal("backend", (await Echo.ReadAsync(await client.GetAsync("http://backend/"))).Headers["host"]);
        Assert.Equal("[fd00::1]", (await Echo.ReadAsync(await client.GetAsync("http://[FD00:0::1]/"))).Headers["host"]);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Credentials_are_looked_up_under_the_name_that_was_called()
    {
        await using var server = await EchoServer.StartAsync("one", static context =>
        {
            if (context.Request.Headers.Authorization.Count == 0)
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"r\"";
                return Task.CompletedTask;
            }

            return EchoServer.EchoAsync("one", context);
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        var credentials = new CredentialCache { { new Uri("http://backend.test/"), "Basic", new NetworkCredential("user", "secret") } };
        using var client = mesh.CreateClient(new SocketsHttpHandler { Credentials = credentials });

        using var without = await client.GetAsync("http://backend/");
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.StartsWith("Basic", (await Echo.ReadAsync(await client.GetAsync("http://backend.test/"))).Headers["authorization"], StringComparison.Ordinal);
    }
}
