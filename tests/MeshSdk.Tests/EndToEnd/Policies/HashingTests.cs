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
