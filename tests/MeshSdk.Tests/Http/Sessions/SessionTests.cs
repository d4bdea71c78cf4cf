using System.Net;
using CsCheck;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Sessions;

public sealed class SessionTests
{
    private const string Canary = "10.0.0.3";

    public static TheoryData<string> Carriers => ["Cookie", "Header"];

    private static SessionPersistence Kind(string carrier) => carrier == "Cookie" ? SessionMesh.Cookie : SessionMesh.Header;

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Who_shows_the_token_stays_where_it_began(string carrier)
    {
        var kind = Kind(carrier);
        await using var mesh = await SessionMesh.StartAsync(kind);
        using var client = mesh.CreateClient();
        for (var caller = 0; caller < 20; caller++)
        {
            var (server, session) = await SessionMesh.CallAsync(client, kind: kind);
            for (var i = 0; i < 10; i++)
            {
                // Told once: it knows.
                Assert.Equal((server, null), await SessionMesh.CallAsync(client, session, kind));
            }
        }
    }

    [Fact]
    public async Task A_thousand_callers_of_one_client_keep_the_division()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        using var client = mesh.CreateClient();
        var callers = new (string Server, string? Session)[1000];
        for (var i = 0; i < callers.Length; i++)
        {
            callers[i] = await SessionMesh.CallAsync(client);
            Assert.NotNull(callers[i].Session);
        }

        Assert.Equal(100, callers.Count(static c => c.Server == Canary));
        Assert.Equal([450, 450], callers.Where(static c => c.Server != Canary).CountBy(static c => c.Server).Select(static c => c.Value));
        for (var i = 0; i < callers.Length; i++)
        {
            Assert.Equal((callers[i].Server, null), await SessionMesh.CallAsync(client, callers[i].Session));
        }

        // No jar: whoever shows nothing is divided anew.
        var strangers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SessionMesh.CallAsync(client)));
        Assert.Equal(10, strangers.Count(static c => c.Server == Canary));
    }

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task A_session_outlives_the_weight_of_its_backend(string carrier)
    {
        var kind = Kind(carrier);
        await using var mesh = await SessionMesh.StartAsync(kind);
        using var client = mesh.CreateClient();
        var session = await BeginOnCanaryAsync(client, kind);

        mesh.SetRules(SessionMesh.Rule(kind, 100, 0));

        Assert.Equal((Canary, null), await SessionMesh.CallAsync(client, session, kind));
        for (var i = 0; i < 30; i++)
        {
            Assert.NotEqual(Canary, (await SessionMesh.CallAsync(client, kind: kind)).Server);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(nameof(EndpointHealth.Unready))]
    [InlineData(nameof(EndpointHealth.Terminating))]
    public async Task Where_the_endpoint_takes_no_requests_a_new_session_begins_elsewhere(string? health)
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        using var client = mesh.CreateClient();
        var session = await BeginOnCanaryAsync(client, SessionMesh.Cookie);

        mesh.SetRules(SessionMesh.Rule(SessionMesh.Cookie, 1, 0));
        mesh.SetPods("v2", health is null ? [] : [SessionMesh.Pod(3, Enum.Parse<EndpointHealth>(health))]);
        var (server, renewed) = await SessionMesh.CallAsync(client, session);

        Assert.NotEqual(Canary, server);
        Assert.NotNull(renewed);
        Assert.Equal((server, null), await SessionMesh.CallAsync(client, renewed));
    }

    [Fact]
    public async Task A_session_follows_its_pod_and_not_its_address()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        using var client = mesh.CreateClient();
        var session = await BeginOnCanaryAsync(client, SessionMesh.Cookie);

        mesh.SetPods("v2", SessionMesh.Pod(3, uid: 9), SessionMesh.Pod(4, uid: 3));
        Assert.Equal(("10.0.0.4", null), await SessionMesh.CallAsync(client, session));

        mesh.SetPods("v2", SessionMesh.Pod(3, uid: 9));
        Assert.NotNull((await SessionMesh.CallAsync(client, session)).Session);
    }

    [Fact]
    public async Task Where_no_pod_is_known_the_address_counts()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        mesh.SetPods("v1", [.. Enumerable.Range(1, 9).Select(static i => SessionMesh.Pod(i) with { PodId = Guid.Empty })]);
        mesh.SetRules(SessionMesh.Rule(SessionMesh.Cookie, 1, 0));
        using var client = mesh.CreateClient();

        var (server, session) = await SessionMesh.CallAsync(client);

        Assert.Equal((server, null), await SessionMesh.CallAsync(client, session));
    }

    [Fact]
    public async Task Rules_never_share_sessions()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        mesh.SetTable(new RouteTable(
            [SessionMesh.Rule(SessionMesh.Cookie), SessionMesh.Rule(SessionMesh.Cookie) with { Index = 1 }],
            [new RouteMatch { Rule = 0, Path = new PathMatch(PathMatchKind.Exact, "/one") }, new RouteMatch { Rule = 1 }]));
        using var client = mesh.CreateClient();

        var (_, session) = await SessionMesh.CallAsync(client, path: "/one");
        var (_, other) = await SessionMesh.CallAsync(client, session, path: "/two");

        Assert.NotNull(other);
        Assert.Null((await SessionMesh.CallAsync(client, session, path: "/one")).Session);
        Assert.Null((await SessionMesh.CallAsync(client, $"{session}; {other}", path: "/two")).Session);
        Assert.Null((await SessionMesh.CallAsync(client, $"{other}; {session}", path: "/one")).Session);
    }

    [Fact]
    public async Task A_session_ends_when_its_time_is_over()
    {
        var kind = SessionMesh.Cookie with { AbsoluteTimeout = TimeSpan.FromMinutes(10) };
        await using var mesh = await SessionMesh.StartAsync(kind);
        using var client = mesh.CreateClient();
        var session = await BeginOnCanaryAsync(client, kind);

        mesh.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal((Canary, null), await SessionMesh.CallAsync(client, session));

        mesh.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var (server, renewed) = await SessionMesh.CallAsync(client, session);
        Assert.NotNull(renewed);
        Assert.Equal((server, null), await SessionMesh.CallAsync(client, renewed));
    }

    [Fact]
    public async Task Another_replica_knows_the_session_unless_its_key_differs()
    {
        foreach (var (ours, theirs, isKnown) in new[] { (null, null, true), ("secret", "secret", true), ("secret", "other", false), ("secret", null, false) })
        {
            await using var one = await SessionMesh.StartAsync(SessionMesh.Cookie, key: ours);
            await using var other = await SessionMesh.StartAsync(SessionMesh.Cookie, key: theirs);
            using var here = one.CreateClient();
            using var there = other.CreateClient();
            var session = await BeginOnCanaryAsync(here, SessionMesh.Cookie);

            Assert.Equal(isKnown, (await SessionMesh.CallAsync(there, session)).Session is null);
        }
    }

    [Fact]
    public async Task What_is_no_token_begins_a_new_session()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        using var client = mesh.CreateClient();
        var (_, session) = await SessionMesh.CallAsync(client);
        var token = session!["place=".Length..];

        foreach (var bad in (string[])["", "x", "=", token[1..], token + "A", token + "=", token.ToUpperInvariant(), new string('A', 46), new string('_', 46), new string('ä', 46), "\"", " "])
        {
            Assert.NotNull((await SessionMesh.CallAsync(client, $"place={bad}")).Session);
        }

        for (var i = 0; i < token.Length; i++)
        {
            var changed = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            Assert.NotNull((await SessionMesh.CallAsync(client, $"place={changed}")).Session);
        }

        Assert.Null((await SessionMesh.CallAsync(client, session)).Session);
    }

    [Fact]
    public async Task No_cookie_breaks_a_call()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        using var client = mesh.CreateClient();
        var any = Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 0, 60], OneOf.These("place", "place=", "=", ";", ";;", "place=a=b", "Place=x", "xplace=y", "place=\"")).Array[0, 4]
            .Select(static parts => string.Join("; ", parts));

        await any.SampleAsync(async cookie => await SessionMesh.CallAsync(client, cookie), iter: 300, threads: 1);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("a=1; {0}")]
    [InlineData("a=b=c;{0} ; z=")]
    [InlineData("place=stale; {0}")]
    [InlineData("PLACE=x; xplace=y; placex=z; {0}")]
    public async Task The_token_is_found_among_other_cookies(string cookies)
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        using var client = mesh.CreateClient();
        var session = await BeginOnCanaryAsync(client, SessionMesh.Cookie);

        Assert.Equal((Canary, null), await SessionMesh.CallAsync(client, string.Format(System.Globalization.CultureInfo.InvariantCulture, cookies, session)));
    }

    [Fact]
    public async Task Cookies_say_what_the_route_says()
    {
        foreach (var (kind, attributes) in new[]
        {
            (SessionMesh.Cookie, "; Path=/; HttpOnly"),
            (SessionMesh.Cookie with { CookiePath = "/shop", AbsoluteTimeout = TimeSpan.FromHours(1) }, "; Path=/shop; HttpOnly"),
            (SessionMesh.Cookie with { IsPermanent = true, AbsoluteTimeout = TimeSpan.FromHours(1) }, "; Path=/; Max-Age=3600; HttpOnly"),
            (SessionMesh.Cookie with { IsPermanent = true, AbsoluteTimeout = TimeSpan.FromMilliseconds(5) }, "; Path=/; Max-Age=1; HttpOnly"),
        })
        {
            await using var mesh = await SessionMesh.StartAsync(kind);
            using var client = mesh.CreateClient();
            using var response = await client.GetAsync("http://backend/");
            var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
            Assert.StartsWith("place=", cookie, StringComparison.Ordinal);
            Assert.Equal(attributes, cookie[cookie.IndexOf(';')..]);
        }
    }

    [Fact]
    public async Task The_session_of_a_backend_counts_where_its_rule_has_none()
    {
        var rule = SessionMesh.Rule(null);
        var backends = rule.Backends.Backends;
        await using var mesh = await SessionMesh.StartAsync(
            new MeshOptions(), null, rule with { Backends = new BackendSplit([backends[0], backends[1] with { Session = SessionMesh.Header }]) });
        using var client = mesh.CreateClient();

        var canary = await BeginOnCanaryAsync(client, SessionMesh.Header);
        Assert.Equal((Canary, null), await SessionMesh.CallAsync(client, canary, SessionMesh.Header));
        var stable = (await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SessionMesh.CallAsync(client, kind: SessionMesh.Header)))).First(static c => c.Server != Canary);
        Assert.Null(stable.Session);
    }

    [Fact]
    public async Task Metadata_carry_the_sessions_of_gRPC_calls()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Header);
        using var client = mesh.CreateClient();
        async Task<HttpResponseMessage> CallAsync(string? session)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/echo.Echo/Say") { Version = HttpVersion.Version20 };
            request.Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } };
            request.Headers.Add("x-place", session is null ? [] : [session]);
            return await client.SendAsync(request);
        }

        using var first = await CallAsync(null);
        var session = Assert.Single(first.Headers.GetValues("x-place"));
        for (var i = 0; i < 5; i++)
        {
            using var next = await CallAsync(session);
            Assert.Equal(first.Headers.GetValues("x-server"), next.Headers.GetValues("x-server"));
            Assert.False(next.Headers.Contains("x-place"));
        }
    }

    [Fact]
    public async Task A_call_that_nobody_served_begins_no_session()
    {
        await using var mesh = await SessionMesh.StartAsync(SessionMesh.Cookie);
        mesh.SetPods("v1");
        mesh.SetRules(SessionMesh.Rule(SessionMesh.Cookie, 1, 0));
        using var client = mesh.CreateClient();
        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    private static async Task<string> BeginOnCanaryAsync(HttpClient client, SessionPersistence kind)
    {
        for (var i = 0; i < 20; i++)
        {
            if (await SessionMesh.CallAsync(client, kind: kind) is (Canary, { } session))
            {
                return session;
            }
        }

        throw new InvalidOperationException("of twenty requests two should have come there");
    }
}
