using MeshSdk.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>Calls from a place to endpoints of several, over a live API server and real sockets.</summary>
public sealed class LocalityTests
{
    private const string Url = "http://zoned";

    [Theory]
    [InlineData("eu/eu-a", "PreferSameZone", "a")]
    [InlineData("eu/eu-a", "PreferClose", "a")]
    [InlineData("eu/eu-b", "PreferSameZone", "b")]
    public async Task Calls_stay_in_the_zone_spill_over_when_its_pods_are_not_ready_and_come_back(string locality, string distribution, string near)
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var zones = await ZonesAsync(cluster, $"trafficDistribution: {distribution}");
        await using var process = await MeshProcess.StartReadyAsync(cluster, configure: options => options.Locality = locality);
        await UntilOnlyAsync(process, near);
        await zones.SetReadyAsync(near, ready: false);
        await UntilOnlyAsync(process, near == "a" ? "b" : "a");
        await zones.SetReadyAsync(near, ready: true);
        await UntilOnlyAsync(process, near);
    }

    [Fact]
    public async Task Outlier_detection_alone_keeps_calls_in_the_zone()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var zones = await ZonesAsync(cluster);
        await using var process = await MeshProcess.StartReadyAsync(cluster, configure: static options => options.Locality = "eu/eu-a");
        await UntilAllAsync(process);
        await cluster.Api.ApplyAsync($$"""
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: zoned, namespace: {{CanaryCluster.Namespace}} }
            spec: { host: zoned, trafficPolicy: { outlierDetection: { } } }
            """, TestContext.Current.CancellationToken);
        await UntilOnlyAsync(process, "a");
    }

    [Fact]
    public async Task A_process_finds_out_where_it_runs_from_its_node()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var zones = await ZonesAsync(cluster, "trafficDistribution: PreferSameZone");
        await using var process = await MeshProcess.StartReadyAsync(cluster, configure: static options => options.NodeName = "node-eu-b");
        await UntilOnlyAsync(process, "b");
    }

    [Fact]
    public async Task A_service_for_the_own_node_is_answered_there_or_nowhere()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var zones = await ZonesAsync(cluster, "internalTrafficPolicy: Local");
        await using var process = await MeshProcess.StartReadyAsync(cluster, configure: static options => options.NodeName = "node-eu-a");
        await UntilOnlyAsync(process, "a");
        await zones.SetReadyAsync("a", ready: false);
        await Wait.UntilAsync(async () => (await process.GetAsync(Url)).Status == 503);
        Assert.Equal("UH", (await process.GetAsync(Url)).Flags);
        await zones.SetReadyAsync("a", ready: true);
        await UntilOnlyAsync(process, "a");
    }

    [Fact]
    public async Task A_process_without_a_place_calls_everybody()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var zones = await ZonesAsync(cluster, "trafficDistribution: PreferSameZone");
        await using var process = await MeshProcess.StartReadyAsync(cluster);
        await UntilAllAsync(process);
    }

    /// <summary>Two pods in each of two zones, which answer with the letter of theirs.</summary>
    private static async Task<Zones> ZonesAsync(CanaryCluster cluster, string spec = "type: ClusterIP")
    {
        await cluster.Api.ApplyAsync($$"""
            apiVersion: v1
            kind: Service
            metadata: { name: zoned, namespace: {{CanaryCluster.Namespace}} }
            spec:
              {{spec}}
              selector: { app: zoned }
              ports: [{ name: http, port: 80, targetPort: 5678 }]
            """, TestContext.Current.CancellationToken);
        var zones = new Zones();
        foreach (var zone in (string[])["a", "b"])
        {
            for (var i = 1; i <= 2; i++)
            {
                await zones.AddAsync(cluster, zone, $"zoned-{zone}-{i}");
            }
        }

        await cluster.UntilEndpointsAsync(("zoned", 4));
        return zones;
    }

    /// <summary>Every call of a dozen is answered from one zone.</summary>
    private static Task UntilOnlyAsync(MeshProcess process, string zone) => UntilAsync(process, answers => answers.SetEquals([zone]));

    private static Task UntilAllAsync(MeshProcess process) => UntilAsync(process, static answers => answers.SetEquals(["a", "b"]));

    private static Task UntilAsync(MeshProcess process, Func<HashSet<string>, bool> holds) => Wait.UntilAsync(async () =>
    {
        var answers = new HashSet<string>();
        for (var i = 0; i < 12; i++)
        {
            answers.Add((await process.GetAsync(Url)).Body);
        }

        return holds(answers);
    });

    private sealed class Zones : IAsyncDisposable
    {
        private readonly List<(string Zone, LocalPod Pod, BackendServer Server)> _pods = [];

        public async Task AddAsync(CanaryCluster cluster, string zone, string name)
        {
            var server = await BackendServer.StartAsync(zone);
            var pod = await cluster.Api.AddPodAsync(
                CanaryCluster.Namespace, name, new Dictionary<string, string> { ["app"] = "zoned" }, server.Address, 5678,
                options => (options.Zone, options.Region) = ($"eu-{zone}", "eu"), TestContext.Current.CancellationToken);
            _pods.Add((zone, pod, server));
        }

        public async Task SetReadyAsync(string zone, bool ready)
        {
            foreach (var (_, pod, _) in _pods.Where(pod => pod.Zone == zone))
            {
                await pod.SetReadyAsync(ready);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (_, pod, server) in _pods)
            {
                await pod.DisposeAsync();
                await server.DisposeAsync();
            }
        }
    }
}
