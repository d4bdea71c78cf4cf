using System.Net;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>Where endpoints are, as manifests tell, and who is preferred for it.</summary>
public sealed class LocalityTests
{
    private const string Near = "zone: eu-a, nodeName: node-a";
    private const string Far = "zone: eu-b, nodeName: node-b";

    private static readonly string Nodes = PolicyYaml.Node("node-a", "eu", "eu-a") + PolicyYaml.Node("node-b", "eu", "eu-b");

    // On a node of its own in the near zone.
    private static MeshOptions Here => new() { Locality = "eu/eu-a", NodeName = "node-a" };

    private static string Endpoints(params (IPEndPoint Server, string Place)[] endpoints) =>
        Nodes + string.Concat(endpoints.Select(static e => PolicyYaml.Endpoint(e.Server, e.Place)));

    [Fact]
    public async Task A_zone_that_is_less_healthy_gives_away_what_it_cannot_serve()
    {
        var (oneFails, twoFails) = (false, false);
        await using var one = await EchoServer.StartAsync("one", context => AnswerAsync(context, Volatile.Read(ref oneFails)));
        await using var two = await EchoServer.StartAsync("two", context => AnswerAsync(context, Volatile.Read(ref twoFails)));
        await using var far = await EchoServer.StartAsync("far");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Service() + Endpoints((one.EndPoint, Near), (two.EndPoint, Near), (far.EndPoint, Far))
            + PolicyYaml.Rule("loadBalancer: {simple: ROUND_ROBIN}, outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 67}"),
            Here);

        Assert.Equal(0, await mesh.FailuresAsync(20));
        Assert.Equal((10, 10, 0), (one.Requests, two.Requests, far.Requests));

        Volatile.Write(ref oneFails, true);
        Assert.Equal(1, await mesh.FailuresAsync(2));
        Assert.True(mesh.IsEjected(one.EndPoint));

        // One of two healthy, times 1.4: 70 % stay. Dice decide, and this is more than five deviations to either side.
        var (atTwo, atFar) = (two.Requests, far.Requests);
        Assert.Equal(0, await mesh.FailuresAsync(400));
        Assert.Equal(400, two.Requests - atTwo + far.Requests - atFar);
        Assert.InRange(two.Requests - atTwo, 232, 328);

        Volatile.Write(ref twoFails, true);
        while (!mesh.IsEjected(two.EndPoint))
        {
            await mesh.FailuresAsync(1);
        }

        atFar = far.Requests;
        Assert.Equal(0, await mesh.FailuresAsync(20));
        Assert.Equal(20, far.Requests - atFar);
    }

    [Fact]
    public async Task Shares_that_are_distributed_are_exact()
    {
        await using var near = await EchoServer.StartAsync("near");
        await using var far = await EchoServer.StartAsync("far");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Service() + Endpoints((near.EndPoint, Near), (far.EndPoint, Far))
            + PolicyYaml.Rule("loadBalancer: {localityLbSetting: {distribute: [{from: 'eu/eu-a/*', to: {'eu/eu-a/*': 80, 'eu/eu-b/*': 20}}]}}"),
            Here);

        Assert.Equal(0, await mesh.FailuresAsync(100));

        Assert.Equal((80, 20), (near.Requests, far.Requests));
    }

    [Theory]
    [InlineData("PreferClose")]
    [InlineData("PreferSameZone")]
    [InlineData("PreferSameNode")]
    public async Task A_Service_may_prefer_what_is_close_as_long_as_it_is_ready(string distribution)
    {
        await using var near = await EchoServer.StartAsync("near");
        await using var far = await EchoServer.StartAsync("far");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Service(spec: $"trafficDistribution: {distribution}") + Endpoints((near.EndPoint, Near), (far.EndPoint, Far)), Here);

        Assert.Equal(0, await mesh.FailuresAsync(20));
        Assert.Equal((20, 0), (near.Requests, far.Requests));

        await mesh.ApplyAsync(PolicyYaml.Endpoint(near.EndPoint, $"{Near}, conditions: {{ready: false}}"));
        Assert.Equal(0, await mesh.FailuresAsync(20));
        Assert.Equal((20, 20), (near.Requests, far.Requests));
    }

    [Theory]
    [InlineData("failoverPriority: ['topology.kubernetes.io/zone=eu-b']", false)]
    [InlineData("failoverPriority: ['topology.kubernetes.io/zone']", true)]
    [InlineData("enabled: true", true)]
    public async Task A_rule_may_say_what_closeness_is(string setting, bool isNear)
    {
        await using var near = await EchoServer.StartAsync("near");
        await using var far = await EchoServer.StartAsync("far");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Service() + Endpoints((near.EndPoint, Near), (far.EndPoint, Far))
            + PolicyYaml.Rule($"loadBalancer: {{localityLbSetting: {{{setting}}}}}, outlierDetection: {{interval: 10s}}"),
            Here);

        Assert.Equal(0, await mesh.FailuresAsync(20));

        Assert.Equal(isNear ? (20, 0) : (0, 20), (near.Requests, far.Requests));
    }

    [Theory]
    [InlineData("asia", 0)]
    [InlineData("us", 20)]
    public async Task Where_the_own_region_has_nobody_the_rule_says_which_is_next(string next, int requests)
    {
        await using var us = await EchoServer.StartAsync("us");
        await using var asia = await EchoServer.StartAsync("asia");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Service() + PolicyYaml.Node("node-us", "us", "us-a") + PolicyYaml.Node("node-asia", "asia", "asia-a")
            + Endpoints((us.EndPoint, "zone: us-a, nodeName: node-us"), (asia.EndPoint, "zone: asia-a, nodeName: node-asia"))
            + PolicyYaml.Rule($"loadBalancer: {{localityLbSetting: {{failover: [{{from: eu, to: {next}}}]}}}}, outlierDetection: {{interval: 10s}}"),
            Here);

        Assert.Equal(0, await mesh.FailuresAsync(20));

        Assert.Equal((requests, 20 - requests), (us.Requests, asia.Requests));
    }

    [Fact]
    public async Task A_rule_may_switch_it_off()
    {
        await using var near = await EchoServer.StartAsync("near");
        await using var far = await EchoServer.StartAsync("far");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Service() + Endpoints((near.EndPoint, Near), (far.EndPoint, Far))
            + PolicyYaml.Rule("loadBalancer: {simple: ROUND_ROBIN, localityLbSetting: {enabled: false}}, outlierDetection: {interval: 10s}"),
            Here);

        Assert.Equal(0, await mesh.FailuresAsync(20));

        Assert.Equal((10, 10), (near.Requests, far.Requests));
    }

    [Fact]
    public async Task A_Service_that_prefers_nobody_sends_everywhere()
    {
        await using var near = await EchoServer.StartAsync("near");
        await using var far = await EchoServer.StartAsync("far");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Service() + Endpoints((near.EndPoint, Near), (far.EndPoint, Far)) + PolicyYaml.Rule("loadBalancer: {simple: ROUND_ROBIN}"), Here);

        Assert.Equal(0, await mesh.FailuresAsync(20));

        Assert.Equal((10, 10), (near.Requests, far.Requests));
    }

    private static Task AnswerAsync(Microsoft.AspNetCore.Http.HttpContext context, bool fails)
    {
        context.Response.StatusCode = fails ? 500 : 200;
        return Task.CompletedTask;
    }
}
