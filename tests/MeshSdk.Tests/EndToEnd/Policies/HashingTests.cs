using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>A destination rule's <c>consistentHash</c>: who is alike goes to the same endpoint, in every process.</summary>
public sealed class HashingTests : IAsyncLifetime
{
    private readonly List<EchoServer> _servers = [];

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            _servers.Add(await EchoServer.StartAsync($"{i}"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<string> AskAsync(HttpClient client, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend/?user={user}");
        request.Headers.Add("x-user", user);
        using var response = await client.SendAsync(request);
        return (await Echo.ReadAsync(response)).Server;
    }

    [Theory]
    [InlineData("httpHeaderName: x-user")]
    [InlineData("httpHeaderName: x-user, ringHash: {minimumRingSize: 64}")]
    [InlineData("httpHeaderName: x-user, maglev: {tableSize: 1009}")]
    [InlineData("httpQueryParameterName: user")]
    [InlineData("httpQueryParameterName: user, maglev: {}")]
    public async Task Two_processes_agree_on_where_a_user_belongs(string hash)
    {
        var rule = PolicyYaml.Rule($"loadBalancer: {{consistentHash: {{{hash}}}}}");
        await using var one = await PolicyMesh.StartAsync(PolicyYaml.Backend([.. _servers]) + rule);

        // The other one heard of the endpoints in another order.
        await using var two = await PolicyMesh.StartAsync(PolicyYaml.Backend([.. Enumerable.Reverse(_servers)]) + rule);

        var places = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            var place = await AskAsync(one.Client, $"user-{i}");
            Assert.Equal(place, await AskAsync(one.Client, $"user-{i}"));
            Assert.Equal(place, await AskAsync(two.Client, $"user-{i}"));
            places.Add(place);
        }

        // The ports of the servers, and with them the places, are of every run its own.
        Assert.InRange(places.Count, 2, 4);
    }

    [Theory]
    [InlineData("")]
    [InlineData(", maglev: {}")]
    public async Task Who_is_ejected_or_leaves_takes_few_others_along(string table)
    {
        await using var bad = await EchoServer.StartAsync("bad", static context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([.. _servers])
            + PolicyYaml.Rule($"loadBalancer: {{consistentHash: {{httpHeaderName: x-user{table}}}}}, outlierDetection: {{consecutive5xxErrors: 1, maxEjectionPercent: 50}}"));
        var before = await PlacesAsync();

        // One joins that fails, until it is ejected; then all is as it was.
        await mesh.ApplyAsync(PolicyYaml.Endpoint(bad.EndPoint));
        for (var i = 0; !mesh.IsEjected(bad.EndPoint); i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { { "x-user", $"{i}" } } };
            using var response = await mesh.Client.SendAsync(request);
        }

        Assert.Equal(before, await PlacesAsync());
        await mesh.DeleteAsync("EndpointSlice", $"backend-{bad.EndPoint.Port}");
        Assert.Equal(before, await PlacesAsync());

        // One leaves, and its users have to look for another place. Of the others most stay: those who remain have more places on Envoy's ring than before,
        // and Maglev's table is filled anew, so that a few move among them. Two thirds would, were users simply divided by a number.
        var gone = _servers.First(server => before.Contains(server.EndPoint.Port));
        await mesh.DeleteAsync("EndpointSlice", $"backend-{gone.EndPoint.Port}");
        var after = await PlacesAsync();
        Assert.DoesNotContain(gone.EndPoint.Port, after);
        Assert.InRange(before.Zip(after).Count(pair => pair.First != gone.EndPoint.Port && pair.First != pair.Second), 0, 40);

        async Task<int[]> PlacesAsync()
        {
            var places = new int[120];
            for (var i = 0; i < places.Length; i++)
            {
                var server = int.Parse(await AskAsync(mesh.Client, $"user-{i}"), System.Globalization.CultureInfo.InvariantCulture);
                places[i] = _servers[server].EndPoint.Port;
            }

            return places;
        }
    }

    [Fact]
    public async Task A_client_that_keeps_its_cookies_stays()
    {
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([.. _servers]) + PolicyYaml.Rule("loadBalancer: {consistentHash: {httpCookie: {name: place, ttl: 1h, path: /}}}"));
        var places = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            using var client = mesh.CreateClient();
            using var first = await client.GetAsync("http://backend/");
            Assert.StartsWith("place=", Assert.Single(first.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
            var place = (await Echo.ReadAsync(first)).Server;
            for (var again = 0; again < 5; again++)
            {
                using var next = await client.GetAsync("http://backend/");
                Assert.False(next.Headers.Contains("Set-Cookie"));
                Assert.Equal(place, (await Echo.ReadAsync(next)).Server);
            }

            places.Add(place);
        }

        Assert.InRange(places.Count, 2, 4);
    }
}
