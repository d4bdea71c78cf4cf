using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Tests.Http.Sessions;

/// <summary>Who remembers sessions: nobody, unless told to.</summary>
public sealed class MeshSessionTests
{
    public static TheoryData<string> Carriers => ["Cookie", "Header"];

    private static SessionPersistence Kind(string carrier) => carrier == "Cookie" ? SessionMesh.Cookie : SessionMesh.Header;

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task The_calls_of_one_session_stay_together_and_others_do_not(string carrier)
    {
        var kind = Kind(carrier);
        await using var mesh = await SessionMesh.StartAsync(kind);
        using var client = mesh.CreateClient();
        var users = Enumerable.Range(0, 100).Select(static _ => new MeshSession()).ToArray();
        var firsts = new string[users.Length];
        for (var i = 0; i < users.Length; i++)
        {
            firsts[i] = (await SessionMesh.CallAsync(client, kind: kind, jar: users[i])).Server;
        }

        Assert.Equal(10, firsts.Count(static s => s == "10.0.0.3"));
        for (var i = 0; i < users.Length; i++)
        {
            Assert.Equal((firsts[i], null), await SessionMesh.CallAsync(client, kind: kind, jar: users[i]));
        }
    }

    [Fact]
    public async Task It_moves_on_when_its_endpoint_has_gone_and_remembers_that()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        using var client = mesh.CreateClient();
        var jar = new MeshSession();
        var first = await SessionMesh.CallAsync(client, jar: jar);
        mesh.SetPods("v1");
        mesh.SetRules(SessionMesh.Rule(SessionMesh.Cookie, 0, 1));
        mesh.SetPods("v2", SessionMesh.Pod(4), SessionMesh.Pod(5), SessionMesh.Pod(6));

        var second = await SessionMesh.CallAsync(client, jar: jar);

        Assert.NotEqual(first.Server, second.Server);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal((second.Server, null), await SessionMesh.CallAsync(client, jar: jar));
        }
    }

    [Fact]
    public async Task It_remembers_each_rule_by_itself()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        mesh.SetTable(new RouteTable(
            [SessionMesh.Rule(SessionMesh.Cookie, 1, 0), SessionMesh.Rule(SessionMesh.Cookie, 0, 1) with { Index = 1 }],
            [new RouteMatch { Rule = 0, Path = new PathMatch(PathMatchKind.Exact, "/one") }, new RouteMatch { Rule = 1 }]));
        using var client = mesh.CreateClient();
        var jar = new MeshSession();
        var one = await SessionMesh.CallAsync(client, path: "/one", jar: jar);
        var two = await SessionMesh.CallAsync(client, path: "/two", jar: jar);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal((one.Server, null), await SessionMesh.CallAsync(client, path: "/one", jar: jar));
            Assert.Equal((two.Server, null), await SessionMesh.CallAsync(client, path: "/two", jar: jar));
        }
    }

    [Fact]
    public async Task What_the_caller_wrote_by_hand_comes_first_and_Clear_forgets()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        mesh.SetRules(SessionMesh.Rule(SessionMesh.Cookie, 0, 1));
        mesh.SetPods("v2", SessionMesh.Pod(3), SessionMesh.Pod(4));
        using var client = mesh.CreateClient();
        var jar = new MeshSession();
        var kept = await SessionMesh.CallAsync(client, jar: jar);
        var own = await SessionMesh.CallAsync(client);
        Assert.NotEqual(kept.Server, own.Server);

        Assert.Equal((own.Server, null), await SessionMesh.CallAsync(client, own.Session, jar: jar));
        Assert.Equal((kept.Server, null), await SessionMesh.CallAsync(client, jar: jar));
        jar.Clear();
        Assert.NotNull((await SessionMesh.CallAsync(client, jar: jar)).Session);
    }

    [Fact]
    public async Task A_session_is_used_by_many_at_once()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Header);
        using var client = mesh.CreateClient();
        var jar = new MeshSession();
        var first = await SessionMesh.CallAsync(client, kind: SessionMesh.Header, jar: jar);

        var calls = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => SessionMesh.CallAsync(client, kind: SessionMesh.Header, jar: jar))));

        Assert.All(calls, call => Assert.Equal((first.Server, null), call));
    }

    // One client serves all users of an application: what its container remembers would put them all on one endpoint.
    [Fact]
    public async Task The_clients_cookie_container_takes_no_part()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        mesh.Answer = static response => response.Headers.Add("Set-Cookie", "own=1");
        using var primary = new SocketsHttpHandler { CookieContainer = new CookieContainer() };
        using var client = mesh.CreateClient(primary);
        var uri = new Uri("http://backend/");
        for (var i = 0; i < 20; i++)
        {
            using var response = await client.GetAsync(uri);
            Assert.Equal(2, response.Headers.GetValues("Set-Cookie").Count());
        }

        Assert.Equal("own=1", primary.CookieContainer.GetCookieHeader(uri));
        Assert.All(mesh.Cookies, static sent => Assert.Equal("own=1", sent));
    }

    [Fact]
    public async Task A_token_in_the_container_does_not_count_and_one_beside_it_does()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        using var other = mesh.CreateClient();
        var (server, session) = await SessionMesh.CallAsync(other);
        using var primary = new SocketsHttpHandler { CookieContainer = new CookieContainer() };
        primary.CookieContainer.SetCookies(new Uri("http://backend/"), session!);
        using var client = mesh.CreateClient(primary);

        Assert.NotNull(Assert.Single((await client.GetAsync("http://backend/")).Headers.GetValues("Set-Cookie")));
        Assert.Equal((server, null), await SessionMesh.CallAsync(client, session));
    }

    [Fact]
    public void A_request_is_needed() =>
        Assert.Throws<ArgumentNullException>(static () => MeshHttpRequestMessageExtensions.SetMeshSession(null!, new MeshSession()));
}
