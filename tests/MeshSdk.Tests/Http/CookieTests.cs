using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tests.Http;

/// <summary>Cookies are the client's, as if the mesh were not there.</summary>
public sealed class CookieTests
{
    // Sets a cookie, and says which ones it was sent.
    private static Task<EchoServer> ServerAsync() => EchoServer.StartAsync("one", static context =>
    {
        if (context.Request.Query["set"] is [{ } value])
        {
            context.Response.Headers.Append("Set-Cookie", value);
        }

        return context.Response.WriteAsync(context.Request.Headers.Cookie.ToString());
    });

    [Fact]
    public async Task Cookies_are_kept_for_the_client_that_received_them_and_no_other()
    {
        await using var server = await ServerAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var one = mesh.CreateClient();
        using var other = mesh.CreateClient();

        await one.GetStringAsync("http://backend/?set=session=1");
        await other.GetStringAsync("http://backend/?set=session=2");

        Assert.Equal("session=1", await one.GetStringAsync("http://backend/"));
        Assert.Equal("session=2", await other.GetStringAsync("http://backend/"));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_client_without_cookies_keeps_none()
    {
        await using var server = await ServerAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { UseCookies = false });

        await client.GetStringAsync("http://backend/?set=session=1");

        Assert.Equal("", await client.GetStringAsync("http://backend/"));
    }

    [Fact]
    public async Task Cookies_belong_to_the_name_that_was_called()
    {
        await using var server = await ServerAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        await client.GetStringAsync("http://backend/?set=name=short");
        await client.GetStringAsync("http://backend.test/?set=name=long");

        Assert.Equal("name=short", await client.GetStringAsync("http://backend/"));
        Assert.Equal("name=long", await client.GetStringAsync("http://backend.test/"));
    }

    [Fact]
    public async Task A_cookie_that_makes_no_sense_is_ignored()
    {
        await using var server = await ServerAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        await client.GetStringAsync("http://backend/?set=a=1;domain=elsewhere.example");

        Assert.Equal("", await client.GetStringAsync("http://backend/"));
    }

    [Fact]
    public async Task Routes_see_the_cookies_that_the_client_keeps()
    {
        await using var stable = await ServerAsync();
        await using var canary = await ServerAsync();
        var backend = Snapshots.Service("backend", stable.EndPoint);
        var table = Snapshots.Table(Snapshots.Rule(("canary", 1)), Snapshots.Rule(("backend", 1)));
        var toCanary = table.Matches[0] with { Headers = [new ValueMatch("cookie", "group=canary")] };
        await using var mesh = await TestMesh.StartAsync(
            backend.Routed(table with { Matches = [toCanary, table.Matches[1]] }), Snapshots.Service("canary", canary.EndPoint));
        using var client = mesh.CreateClient();

        await client.GetStringAsync("http://backend/?set=group=canary");
        await client.GetStringAsync("http://backend/");

        Assert.Equal((1, 1), (stable.Requests, canary.Requests));
    }
}
