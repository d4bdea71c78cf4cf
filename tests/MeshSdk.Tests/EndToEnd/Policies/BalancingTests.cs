using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>A destination rule's simple balancing, and endpoints that warm up.</summary>
public sealed class BalancingTests
{
    [Fact]
    public async Task Round_robin_is_exact()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        await using var three = await EchoServer.StartAsync("three");
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(one, two, three) + PolicyYaml.Rule("loadBalancer: {simple: ROUND_ROBIN}"));
        var places = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            using var response = await mesh.GetAsync();
            places.Add((await Echo.ReadAsync(response)).Server);
        }

        Assert.All(places.Chunk(3), turn => Assert.Equal(3, turn.Distinct().Count()));
        Assert.All(places.Chunk(3), turn => Assert.Equal(places[..3], turn));
    }

    [Theory]
    [InlineData("LEAST_REQUEST")]
    [InlineData("RANDOM")]
    [InlineData("LEAST_CONN")]
    [InlineData("UNSPECIFIED")]
    public async Task Whatever_else_is_stated_reaches_everybody(string simple)
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(one, two) + PolicyYaml.Rule($"loadBalancer: {{simple: {simple}}}"));

        Assert.Equal(0, await mesh.FailuresAsync(100));

        Assert.Equal(100, one.Requests + two.Requests);
        Assert.InRange(one.Requests, 20, 80);
    }

    [Fact]
    public async Task The_share_of_a_newcomer_grows_with_its_age()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        await using var late = await EchoServer.StartAsync("late");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(one, two)
            + PolicyYaml.Rule("loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 60s, minimumPercent: 10, aggression: 1}}"));
        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        await mesh.ApplyAsync(PolicyYaml.Endpoint(late.EndPoint));

        // A weight of 0.1 beside two of 1, then of 0.5, then of 1; a schedule may be one request off at either end.
        Assert.InRange(await ShareAsync(42), 1, 4);
        mesh.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.InRange(await ShareAsync(50), 8, 12);
        mesh.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(20, await ShareAsync(60));

        async Task<int> ShareAsync(int calls)
        {
            var before = late.Requests;
            Assert.Equal(0, await mesh.FailuresAsync(calls));
            return late.Requests - before;
        }
    }
}
