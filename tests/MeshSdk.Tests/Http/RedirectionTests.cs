using System.Net;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tests.Http;

/// <summary>Redirects are followed as HttpClient follows them, but every hop takes the routes.</summary>
public sealed class RedirectionTests
{
    // /<status>?to=<location> redirects; everything else echoes.
    private static Task<EchoServer> ServerAsync(string name) => EchoServer.StartAsync(name, context =>
    {
        if (!int.TryParse(context.Request.Path.Value![1..], out var status))
        {
            return EchoServer.EchoAsync(name, context);
        }

        context.Response.StatusCode = status;
        context.Response.Headers.Location = context.Request.Query["to"];
        return context.Response.WriteAsync("moved");
    });

    [Fact]
    public async Task Each_hop_takes_the_routes_of_the_name_that_it_leads_to()
    {
        await using var one = await ServerAsync("one");
        await using var two = await ServerAsync("two");
        await using var mesh = await TestMesh.StartAsync(
            Snapshots.Service("front", one.EndPoint),
            Snapshots.Service("back").Routed(Snapshots.Rule(("real", 1))),
            Snapshots.Service("real", two.EndPoint));
        using var client = mesh.CreateClient();

        using var response = await client.GetAsync("http://front/302?to=http://back.test/a%252Fb");

        var echo = await Echo.ReadAsync(response);
        Assert.Equal(("two", "/a%2Fb", "back.test"), (echo.Server, echo.Target, echo.Headers["host"]));
        Assert.Equal(new Uri("http://back.test/a%2Fb"), response.RequestMessage!.RequestUri);
        Assert.Equal(0, mesh.Endpoint("http://front").ActiveRequests);
    }

    public static TheoryData<int, string, string, string> Methods => new()
    {
        { 300, "POST", "GET", "" }, { 301, "POST", "GET", "" }, { 302, "POST", "GET", "" }, { 303, "POST", "GET", "" },
        { 307, "POST", "POST", "body" }, { 308, "POST", "POST", "body" },
        { 301, "PUT", "PUT", "body" }, { 302, "PUT", "PUT", "body" }, { 303, "PUT", "GET", "" }, { 307, "PUT", "PUT", "body" },
        { 303, "GET", "GET", "" }, { 302, "DELETE", "DELETE", "" }, { 303, "DELETE", "GET", "" },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task The_method_and_the_body_follow_the_rules_of_HttpClient(int status, string method, string expected, string body)
    {
        await using var server = await ServerAsync("one");
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var plain = new HttpClient();
        using var client = mesh.CreateClient();

        var reference = await Echo.ReadAsync(await plain.SendAsync(Message($"http://{server.EndPoint}")));
        var echo = await Echo.ReadAsync(await client.SendAsync(Message("http://backend")));

        Assert.Equal((expected, body, "/end"), (echo.Method, echo.Body, echo.Target));
        Assert.Equal((reference.Method, reference.Body), (echo.Method, echo.Body));

        HttpRequestMessage Message(string host) => new(new HttpMethod(method), $"{host}/{status}?to=/end")
        {
            Content = method is "POST" or "PUT" ? new StringContent("body") : null,
        };
    }

    [Fact]
    public async Task Authorization_is_dropped_and_Cookie_with_a_change_of_host()
    {
        await using var server = await ServerAsync("one");
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("front", server.EndPoint), Snapshots.Service("back", server.EndPoint));
        using var client = mesh.CreateClient();

        var same = await Echo.ReadAsync(await client.SendAsync(Message("/end")));
        var other = await Echo.ReadAsync(await client.SendAsync(Message("http://back/end")));

        Assert.Equal("own=1", same.Headers["cookie"]);
        Assert.DoesNotContain("authorization", same.Headers.Keys);
        Assert.Equal("1", same.Headers["x-other"]);
        Assert.DoesNotContain("cookie", other.Headers.Keys);
        Assert.DoesNotContain("authorization", other.Headers.Keys);
        Assert.Equal(("1", "back"), (other.Headers["x-other"], other.Headers["host"]));

        static HttpRequestMessage Message(string to) => new(HttpMethod.Get, $"http://front/302?to={to}")
        {
            Headers = { { "Authorization", "Bearer token" }, { "Cookie", "own=1" }, { "X-Other", "1" }, { "Host", "front" } },
        };
    }

    [Fact]
    public async Task The_callers_message_stays_as_it_was()
    {
        await using var server = await ServerAsync("one");
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/302?to=/end")
        {
            Content = new StringContent("body"),
            Headers = { { "Authorization", "Bearer token" } },
        };
        var before = MessageSnapshot.Of(request);

        using var response = await client.SendAsync(request);

        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Equal(new Uri("http://backend/end"), response.RequestMessage!.RequestUri);
    }

    [Fact]
    public async Task Cookies_that_a_redirect_sets_are_sent_to_where_it_leads()
    {
        await using var server = await EchoServer.StartAsync("one", static context =>
        {
            if (context.Request.Path != "/login")
            {
                return EchoServer.EchoAsync("one", context);
            }

            context.Response.Headers.Append("Set-Cookie", "session=1; path=/");
            context.Response.Redirect("/home");
            return Task.CompletedTask;
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        Assert.Equal("session=1", (await Echo.ReadAsync(await client.GetAsync("http://backend/login"))).Headers["cookie"]);
    }

    [Theory]
    [InlineData("http://elsewhere.example/")] // out of the mesh
    [InlineData("ftp://backend/")]
    [InlineData(null)] // no Location
    public async Task A_redirect_that_leads_nowhere_in_the_mesh_is_returned(string? to)
    {
        await using var server = await ServerAsync("one");
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        using var response = await client.GetAsync($"http://backend/302{(to is null ? "" : "?to=" + to)}");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("moved", await response.Content.ReadAsStringAsync());
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_follows_no_redirects_gets_them(bool byClientOptions)
    {
        await using var server = await ServerAsync("one");
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(
            new SocketsHttpHandler { AllowAutoRedirect = byClientOptions },
            new MeshClientOptions { AllowAutoRedirect = byClientOptions ? false : null });

        using var response = await client.GetAsync("http://backend/302?to=/end");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task After_the_limit_the_last_redirect_is_returned()
    {
        await using var server = await EchoServer.StartAsync("one", static context =>
        {
            context.Response.Redirect("/again");
            return Task.CompletedTask;
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { MaxAutomaticRedirections = 3 });

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(4, server.Requests);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Theory]
    [InlineData("http://backend/302?to=/end#part", "http://backend/end#part")]
    [InlineData("http://backend/302?to=/end%23own#part", "http://backend/end#own")]
    public async Task The_fragment_is_inherited_where_the_location_has_none(string from, string expected)
    {
        await using var server = await ServerAsync("one");
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        using var response = await client.GetAsync(from);

        Assert.Equal(expected, response.RequestMessage!.RequestUri!.AbsoluteUri);
    }

    [Fact]
    public async Task Redirects_are_followed_in_synchronous_calls_too()
    {
        await using var server = await ServerAsync("one");
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/302?to=/end");

        using var response = await Task.Run(() => client.Send(request));

        Assert.Equal("/end", (await Echo.ReadAsync(response)).Target);
    }
}
