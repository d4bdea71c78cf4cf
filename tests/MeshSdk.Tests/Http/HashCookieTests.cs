using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http;

/// <summary>Consistent hashing by a cookie that the mesh makes: clients that keep cookies stay on their endpoint.</summary>
public sealed class HashCookieTests
{
    private static readonly HashModel Cookie = new(HashSource.Cookie, "user")
    {
        Ttl = TimeSpan.FromHours(1),
        Path = "/",
        Attributes = [("SameSite", "Lax"), ("Partitioned", "")],
    };

    private static ServiceModel Service(HashModel hash, int endpoints, RouteRule? rule = null)
    {
        var service = Snapshots
            .Service("backend", [.. Enumerable.Range(1, endpoints).Select(static i => new IPEndPoint(new IPAddress([10, 0, 0, (byte)i]), 80))])
            .Clustered(c => c with { LoadBalancer = LoadBalancerKind.RingHash, Hash = hash });
        return rule is null ? service : service.Routed(rule);
    }

    private static async Task<(TestMesh Mesh, ScriptedTransport Network)> StartAsync(ServiceModel service, params int[] statuses)
    {
        var network = ScriptedTransport.Statuses(statuses);
        return (await TestMesh.StartAsync(new MeshOptions { TransportFactory = network }, service), network);
    }

    private static string? Cookies(Sent sent) => sent.Request.Headers.TryGetValues("Cookie", out var values) ? string.Join("; ", values) : null;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_with_cookies_stays_by_itself(bool isRuled)
    {
        var (mesh, network) = await StartAsync(Service(Cookie, 20, isRuled ? RuledMesh.Rule(retry: RuledMesh.Retry(2, 503)) : null), 200);
        await using var _ = mesh;
        using var client = mesh.CreateClient();

        using var first = await client.GetAsync("http://backend/");
        for (var i = 0; i < 20; i++)
        {
            using var next = await client.GetAsync("http://backend/");
            Assert.False(next.Headers.Contains("Set-Cookie"));
        }

        Assert.Single(network.Log.Select(static s => s.Address).Distinct());
        Assert.Matches("^user=\"[0-9a-f]{16}\"; Max-Age=3600; Path=/; SameSite=Lax; Partitioned; HttpOnly$", Assert.Single(first.Headers.GetValues("Set-Cookie")));
        Assert.Null(Cookies(network.Log.First()));
    }

    [Fact]
    public async Task Clients_without_cookies_are_new_each_time_and_go_everywhere()
    {
        var (mesh, network) = await StartAsync(Service(Cookie, 4), 200);
        await using var _ = mesh;
        using var client = mesh.CreateClient(new SocketsHttpHandler { UseCookies = false });
        var cookies = new HashSet<string>();
        for (var i = 0; i < 100; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            Assert.True(cookies.Add(Assert.Single(response.Headers.GetValues("Set-Cookie"))));
        }

        Assert.Equal(4, network.Log.Select(static s => s.Address).Distinct().Count());
    }

    [Fact]
    public async Task A_client_that_sends_the_cookie_itself_is_where_it_was()
    {
        var (mesh, network) = await StartAsync(Service(Cookie, 20), 200);
        await using var _ = mesh;
        using var client = mesh.CreateClient(new SocketsHttpHandler { UseCookies = false });
        for (var i = 0; i < 20; i++)
        {
            using var first = await client.GetAsync("http://backend/");
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
            request.Headers.Add("Cookie", first.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
            using var second = await client.SendAsync(request);

            Assert.False(second.Headers.Contains("Set-Cookie"));
            Assert.Equal(network.Log.ElementAt(2 * i).Address, network.Log.ElementAt((2 * i) + 1).Address);
        }
    }

    [Fact]
    public async Task Zero_is_a_cookie_of_the_session_and_none_is_no_cookie()
    {
        var (mesh, _) = await StartAsync(Service(Cookie with { Ttl = TimeSpan.Zero, Path = null, Attributes = [] }, 4), 200);
        await using var __ = mesh;
        using var client = mesh.CreateClient();
        using var response = await client.GetAsync("http://backend/");
        Assert.Matches("^user=\"[0-9a-f]{16}\"; HttpOnly$", Assert.Single(response.Headers.GetValues("Set-Cookie")));

        mesh.Publish(Service(Cookie with { Ttl = null }, 4));
        using var without = await client.GetAsync("http://backend/");
        Assert.False(without.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_retry_goes_to_another_endpoint_with_the_cookie_of_the_first_try()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(2, 503)), static (sent, _) => Task.FromResult(ScriptedTransport.Response(sent.Number == 1 ? 503 : 200)), endpoints: 5);
        mesh.Mesh.Publish(Service(Cookie, 5, RuledMesh.Rule(retry: RuledMesh.Retry(2, 503))));

        using var response = await mesh.PassAsync(mesh.GetAsync());
        using var next = await mesh.GetAsync();

        var addresses = mesh.Network.Log.Select(static s => s.Address).ToArray();
        Assert.NotEqual(addresses[0], addresses[1]);
        Assert.Equal(addresses[0], addresses[2]); // where the cookie belongs
        Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.False(next.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_message_that_is_sent_twice_is_as_clean_as_at_first()
    {
        var (mesh, network) = await StartAsync(Service(Cookie, 20), 200);
        await using var _ = mesh;
        using var invoker = new HttpMessageInvoker(mesh.CreateHandler(new SocketsHttpHandler { UseCookies = false }));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        var before = MessageSnapshot.Of(request);

        for (var i = 0; i < 20; i++)
        {
            using var response = await invoker.SendAsync(request, CancellationToken.None);
            Assert.Single(response.Headers.GetValues("Set-Cookie"));
            Assert.Equal(before, MessageSnapshot.Of(request));
        }

        Assert.True(network.Log.Select(static s => s.Address).Distinct().Count() > 1);
    }
}
