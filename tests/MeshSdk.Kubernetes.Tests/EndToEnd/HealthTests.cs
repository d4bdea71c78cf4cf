using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>What the health check says, and when it changes its mind. What happens without permission stands in <see cref="AccessTests"/>.</summary>
public sealed class HealthTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Unhealthy_until_everything_was_read_and_healthy_from_then_on()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        var hang = cluster.Faults.HangRequests(static request => request.Resource == "destinationrules");
        await using var process = MeshProcess.Start(cluster, time: _time);
        var first = process.GetAsync();
        await Wait.UntilAsync(() => process.Mesh.Watches.Any(static watch => watch is { Kind: "HTTPRoute", State: MeshWatchState.Live }));
        var entry = await process.HealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains("DestinationRule in istio-test: Pending", entry.Description, StringComparison.Ordinal);
        Assert.Equal("Pending", entry.Data["watch:DestinationRule:istio-system"]);
        Assert.Equal("Live, 0.0 s", entry.Data["watch:HTTPRoute:istio-test"]);

        hang.Dispose();
        Assert.Equal(200, (await first).Status);
        entry = await process.HealthAsync();
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(
            [
                "watch:BackendTLSPolicy:istio-test", "watch:ConfigMap:istio-system", "watch:DestinationRule:istio-system", "watch:DestinationRule:istio-test", "watch:EndpointSlice:istio-test",
                "watch:GRPCRoute:istio-test", "watch:HTTPRoute:istio-test", "watch:Namespace:all namespaces", "watch:Pod:istio-test", "watch:Service:istio-test",
                "watch:XBackendTrafficPolicy:istio-test",
            ],
            entry.Data.Keys.Where(static key => key.StartsWith("watch:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cluster_in_which_nothing_happens_is_healthy()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time);
        await process.TallyAsync(1);
        var revision = process.Mesh.Revision;
        for (var minute = 0; minute < 8; minute++)
        {
            await _time.PassAsync(TimeSpan.FromSeconds(59));
            var entry = await process.HealthAsync();
            Assert.True(entry.Status == HealthStatus.Healthy, $"after {minute} minutes: {entry.Description}");
            await process.TallyAsync(1);
        }

        // And nothing is compiled anew.
        Assert.Equal(revision, process.Mesh.Revision);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(429)]
    public async Task Degraded_while_the_server_is_away_for_longer_than_it_may_be(int status)
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time);
        await process.TallyAsync(20);
        var revision = process.Mesh.Revision;
        await using var outage = status == 0 ? await cluster.Faults.StopListeningAsync() : null;
        using var refusals = status == 0 ? null : cluster.Faults.Answer(status);
        cluster.Faults.CutWatches();
        await _time.PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);

        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Degraded, _time, TimeSpan.FromSeconds(25));
        await _time.PassAsync(TimeSpan.FromMinutes(5));
        var entry = await process.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("Service in istio-test: Stale", $"{entry.Description} {string.Join(' ', process.Mesh.Watches)}", StringComparison.Ordinal);
        Assert.All(process.Mesh.Watches, static watch => Assert.True(watch.Age > TimeSpan.FromMinutes(4), watch.ToString()));
        Assert.Contains(process.Mesh.Diagnostics, static diagnostic => diagnostic.Code == "Stale");
        await process.TallyAsync(20);

        // One change to say so, and no more for as long as it lasts: what is told must not contain how long that is.
        Assert.InRange(process.Mesh.Revision, revision, revision + 6);
        revision = process.Mesh.Revision;
        await _time.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(revision, process.Mesh.Revision);
    }

    [Fact]
    public async Task What_could_never_be_read_does_not_change_with_every_attempt()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time);
        await process.TallyAsync(1);
        using var refusals = cluster.Faults.Answer(503);
        cluster.Faults.CutWatches();
        var reply = process.GetAsync("http://later");
        await Wait.UntilAsync(() => Task.FromResult(reply.IsCompleted), _time, TimeSpan.FromSeconds(3));
        Assert.Equal((503, "NC"), ((await reply).Status, (await reply).Flags));
        var reason = (await reply).Reason;

        // That the others have not been heard of for long is worth a word.
        await _time.PassAsync(TimeSpan.FromMinutes(2));
        var revision = process.Mesh.Revision;
        for (var i = 0; i < 5; i++)
        {
            await _time.PassAsync(TimeSpan.FromMinutes(1));
            Assert.Equal((503, reason), ((await process.GetAsync("http://later")).Status, (await process.GetAsync("http://later")).Reason));
        }

        Assert.Equal(revision, process.Mesh.Revision);
    }
}
