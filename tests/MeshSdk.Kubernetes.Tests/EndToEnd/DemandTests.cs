using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>What calls make a process watch, and what they do not.</summary>
public sealed class DemandTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData("http://github.com")]
    [InlineData("http://api.github.com")]
    [InlineData("http://localhost:5000")]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("http://backend.elsewhere")]
    [InlineData("http://backend.elsewhere.svc.cluster.local")]
    [InlineData("http://a_b")]
    public async Task Names_that_are_none_of_the_served_namespaces_ask_the_server_for_nothing(string uri)
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var process = await MeshProcess.StartReadyAsync(cluster);
        await process.TallyAsync(1);
        var (requests, watches) = (cluster.Requests.Count, cluster.Api.ActiveWatches.Count);

        Assert.Equal("outside", (await process.GetAsync(uri)).Body);

        Assert.Equal((requests, watches), (cluster.Requests.Count, cluster.Api.ActiveWatches.Count));
    }

    [Fact]
    public async Task A_name_that_no_service_has_is_looked_up_once_and_again_after_a_while()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time);
        Assert.Equal("outside", (await process.GetAsync("http://late")).Body);
        await Wait.UntilAsync(() => WatchesOf(cluster, "services") == 0);
        var requests = cluster.Requests.Count;
        Assert.Equal("outside", (await process.GetAsync("http://late")).Body);
        Assert.Equal(requests, cluster.Requests.Count);

        await cluster.AddServiceAsync("late", "v2");
        await cluster.UntilEndpointsAsync(("late", 2));

        // Remembered for five to ten seconds.
        await Wait.UntilAsync(async () => (await process.GetAsync("http://late")).Body == "v2", _time, within: TimeSpan.FromSeconds(10.2));
    }

    [Fact]
    public async Task A_service_that_nobody_calls_is_let_go_and_comes_back_with_the_next_call()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await using var process = await MeshProcess.StartReadyAsync(cluster, static options => options.IdleTimeout = TimeSpan.FromMinutes(1), time: _time);
        await process.TallyAsync(20);
        Assert.Equal(3, WatchesOf(cluster, "services"));

        // Each watch ends on its own, and the server learns of each when its connection tells it.
        await Wait.UntilAsync(
            () => Task.FromResult(WatchesOf(cluster, "services") + WatchesOf(cluster, "endpointslices") + WatchesOf(cluster, "pods") == 0),
            _time, within: TimeSpan.FromMinutes(2));
        await Wait.UntilAsync(() => cluster.Api.ActiveWatches.Count == 8);

        // It does not wait for news of its routes, which are being watched all along.
        Assert.Contains("v1=", await process.TallyAsync(20), StringComparison.Ordinal);
        Assert.Equal(3, WatchesOf(cluster, "services"));
        await cluster.SplitAsync(1, 0);
        await Wait.UntilAsync(async () => await process.TallyAsync(5) == "v1=5");
    }

    [Fact]
    public async Task A_service_that_is_called_all_the_time_is_never_let_go()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await using var process = await MeshProcess.StartReadyAsync(cluster, static options => options.IdleTimeout = TimeSpan.FromMinutes(1), time: _time);
        await process.TallyAsync(20);
        var lookups = Lookups();
        for (var i = 0; i < 8; i++)
        {
            await _time.PassAsync(TimeSpan.FromSeconds(20));
            await process.TallyAsync(1);
        }

        Assert.Equal(lookups, Lookups());

        // Watches begin anew after some minutes; a service that was let go of would begin with all objects.
        int Lookups() => cluster.Requests.Count(static request =>
            request.Resource == "services" && request.Query.Contains("sendInitialEvents", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_more_services_are_followed_than_may_be()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await cluster.AddServiceAsync("one-more", "v1");
        await using var process = await MeshProcess.StartReadyAsync(cluster, static options => options.MaxServices = 3);
        await process.TallyAsync(5);

        var reply = await process.GetAsync("http://one-more");

        Assert.Equal((503, "NC"), (reply.Status, reply.Flags));
        Assert.Equal(
            "Service istio-test/one-more is not followed: 3 services are followed already, and no more may be (Mesh:Kubernetes:MaxServices).", reply.Reason);
        await process.TallyAsync(5);
    }

    [Theory]
    [InlineData("http://nobody", 502, "NR", "there is no Service istio-test/nobody, and Mesh:Outbound is RegistryOnly")]
    [InlineData("http://backend:81", 502, "NR", "Service istio-test/backend has no port 81 that the mesh serves, and Mesh:Outbound is RegistryOnly")]
    [InlineData("http://backend.elsewhere.svc.cluster.local", 502, "NR", "there is no Service elsewhere/backend, and Mesh:Outbound is RegistryOnly")]
    [InlineData("http://github.com", 200, "", "OK")]
    public async Task With_a_registry_only_names_of_the_cluster_that_no_service_has_are_refused(string uri, int status, string flags, string reason)
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var process = await MeshProcess.StartReadyAsync(cluster, configure: static options => options.Outbound = MeshOutbound.RegistryOnly);
        await process.TallyAsync(1);
        var reply = await process.GetAsync(uri);
        Assert.Equal((status, flags, reason), (reply.Status, reply.Flags, reply.Reason));
    }

    private static int WatchesOf(CanaryCluster cluster, string resource) => cluster.Api.ActiveWatches.Count(watch => watch.Resource == resource);
}
