using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>Processes that start while the API server is away, with what their predecessor knew on disk.</summary>
public sealed class SnapshotTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task A_process_that_starts_meanwhile_serves_at_once_says_so_and_catches_up()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await RunOnceAsync(cluster);
        var outage = await cluster.Faults.StopListeningAsync();
        await using var process = MeshProcess.Start(cluster, Remember(cluster), time: _time);
        Assert.Equal(200, (await FirstCallAsync(process)).Status);
        await using var load = new SteadyLoad(process);
        await process.TallyAsync(20);
        var entry = await process.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("Taken from a snapshot of", entry.Description, StringComparison.Ordinal);
        Assert.Contains(process.Mesh.Diagnostics, static diagnostic => diagnostic.Code == "ServedFromSnapshot");
        Assert.Contains(process.Log.GetSnapshot(), static record => record.Id.Name == "ServedFromSnapshot");

        await cluster.SplitAsync(0, 1);
        await using var pod = await cluster.AddPodAsync("v2", "new");
        await _time.PassAsync(TimeSpan.FromMinutes(1));
        await outage.DisposeAsync();
        await Wait.UntilAsync(async () => await process.TallyAsync(4) == "v2=4" && pod.Calls > 0, _time, TimeSpan.FromSeconds(5));
        await load.EndAsync();
        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Healthy, _time, TimeSpan.FromSeconds(5));
        await Wait.UntilAsync(() => process.Mesh.Diagnostics.All(static diagnostic => diagnostic.Code != "ServedFromSnapshot"));
    }

    [Fact]
    public async Task Addresses_of_pods_that_are_minutes_old_are_not_used_in_plaintext()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await RunOnceAsync(cluster);
        var clusterIPs = new[] { "backend-v1", "backend-v2" }
            .Select(name => IPAddress.Parse((string)cluster.Api.Api.Get("", "services", CanaryCluster.Namespace, name)!["spec"]!["clusterIP"]!)).ToHashSet();
        var outage = await cluster.Faults.StopListeningAsync();
        await _time.PassAsync(TimeSpan.FromMinutes(4));

        // Young enough at the start, and too old a little later.
        var network = new RecordingNetwork();
        await using var process = MeshProcess.Start(cluster, Remember(cluster), options => options.TransportFactory = network, _time);
        await FirstCallAsync(process);
        await process.TallyAsync(20);
        Assert.DoesNotContain(network.TakeCalled(), address => clusterIPs.Contains(address));

        await _time.PassAsync(TimeSpan.FromSeconds(70));
        await UntilCalledAsync(clusterIPs.Contains);
        await process.TallyAsync(20);
        Assert.All(network.TakeCalled(), address => Assert.Contains(address, clusterIPs));

        await outage.DisposeAsync();
        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Healthy, _time, TimeSpan.FromSeconds(5));
        await UntilCalledAsync(IPAddress.IsLoopback);
        await process.TallyAsync(20);
        Assert.All(network.TakeCalled(), static address => Assert.True(IPAddress.IsLoopback(address)));

        // What has become known comes into force on another thread, in its own time; the clock stands still meanwhile.
        Task UntilCalledAsync(Func<IPAddress, bool> expected) => Wait.UntilAsync(async () =>
        {
            network.TakeCalled();
            await process.TallyAsync(4);
            return network.TakeCalled().All(expected);
        });
    }

    [Fact]
    public async Task A_snapshot_of_another_cluster_is_not_used()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await RunOnceAsync(cluster);
        cluster.Faults.RotateCertificateAuthority();
        cluster.WriteCredentials();
        await using var outage = await cluster.Faults.StopListeningAsync();
        await using var process = MeshProcess.Start(cluster, Remember(cluster), time: _time);
        var first = process.GetAsync();
        await Wait.UntilAsync(() => Task.FromResult(first.IsCompleted), _time, TimeSpan.FromSeconds(12));
        Assert.Contains("has not received its configuration", (await Assert.ThrowsAsync<HttpRequestException>(() => first)).Message, StringComparison.Ordinal);
        Assert.Contains(process.Log.GetSnapshot(), static record => record.Id.Name == "SnapshotIgnored" && record.Message.Contains("another API server", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Unhealthy, (await process.HealthAsync()).Status);
    }

    private static Action<MeshKubernetesOptions> Remember(CanaryCluster cluster) => options => options.SnapshotDirectory = cluster.Files.At("snapshot");

    /// <summary>Calls, and lets as much time pass as the server has for its first word before the snapshot takes its place.</summary>
    private async Task<Reply> FirstCallAsync(MeshProcess process)
    {
        var reply = process.GetAsync();
        await Wait.UntilAsync(() => process.Mesh.Watches.Count > 0);

        // Not at one go: who is about to set an alarm just then would wait from the later time on, and for ever.
        await Wait.UntilAsync(() => Task.FromResult(reply.IsCompleted), _time, TimeSpan.FromSeconds(2));
        return await reply;
    }

    private async Task RunOnceAsync(CanaryCluster cluster)
    {
        await using var process = await MeshProcess.StartReadyAsync(cluster, Remember(cluster), time: _time);
        await process.TallyAsync(20);
    }

    /// <summary>Answers in the place of every endpoint, and notes whom it stood for.</summary>
    private sealed class RecordingNetwork : IMeshTransportFactory
    {
        private readonly ConcurrentQueue<IPAddress> _called = new();

        public HttpMessageHandler Create(MeshTransportContext context) => new Endpoint(context.EndPoint.Address, _called);

        public IPAddress[] TakeCalled()
        {
            IPAddress[] called = [.. _called];
            _called.Clear();
            return called;
        }

        private sealed class Endpoint(IPAddress address, ConcurrentQueue<IPAddress> called) : HttpMessageHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                called.Enqueue(address);
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new StringContent("answer") });
            }
        }
    }
}
