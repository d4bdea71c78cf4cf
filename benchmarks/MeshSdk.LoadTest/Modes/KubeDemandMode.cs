using System.Collections.Concurrent;
using System.Diagnostics;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Cluster;
using MeshSdk.LoadTest.Measuring;

namespace MeshSdk.LoadTest.Modes;

/// <summary>A thousand services, each followed from the first call on by two watches of its own, and let go when nobody calls them.</summary>
internal static class KubeDemandMode
{
    private const int Services = 1_000;
    private const int OneByOne = 200;
    private const int Concurrency = 16;
    private const int WatchesPerService = 2;

    // Shorter than options allow, so that nobody has to wait for minutes.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(BackendProcess backend, Report report)
    {
        using var cluster = await ClusterProcess.StartAsync();
        foreach (var batch in Enumerable.Range(0, Services).Chunk(100))
        {
            await cluster.ApplyAsync(string.Join("\n---\n", batch.Select(static i => ClusterManifests.Service(Name(i), Name(i)))));
            foreach (var i in batch)
            {
                await cluster.AddPodAsync(Name(i), Name(i), "v1", backend.Http1[i % backend.Http1.Length].Port);
            }
        }

        using (var writer = new ApiWriter(cluster))
        {
            await writer.WaitForEndpointsAsync(Services);
        }

        await FollowAsync(cluster, report);
        await CallAsync(cluster, report);
    }

    private static async Task FollowAsync(ClusterProcess cluster, Report report)
    {
        await using var source = await SourceAlone.StartAsync(Options(cluster, IdleTimeout));
        await source.LoadAsync(Name(0));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (socketsBefore, watchesBefore) = (cluster.Sockets(), await cluster.WatchesAsync());
        var footprint = await Footprint.OfAsync(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, Services).Select(i => source.LoadAsync(Name(i))));
            return new object();
        });
        var (sockets, watches) = (cluster.Sockets(), await cluster.WatchesAsync());

        var clock = Stopwatch.StartNew();
        while (await cluster.WatchesAsync() > watchesBefore - WatchesPerService && clock.Elapsed < IdleTimeout * 2)
        {
            await Task.Delay(100);
        }

        var left = await cluster.WatchesAsync();
        var after = GC.GetTotalMemory(forceFullCollection: true);
        report.Table($"{Services} services demanded at once from a source alone", ["", "all", "each"],
            [
                ["until all are in force, ms", Report.Number(footprint.Wall.TotalMilliseconds), Report.Number(footprint.Wall.TotalMilliseconds / Services, "0.00")],
                ["watches", $"{watches}", Report.Number((double)watches / Services, "0.0")],
                ["sockets to the API server", $"{sockets} (before: {socketsBefore})", ""],
                ["managed heap, kB", Report.Number(footprint.Retained / 1e3), Report.Number(footprint.Retained / 1e3 / Services, "0.0")],
                ["resident memory, kB", Report.Number(footprint.Resident / 1e3), Report.Number(footprint.Resident / 1e3 / Services, "0.0")],
                ["client CPU, ms", Report.Number(footprint.Processor.TotalMilliseconds), Report.Number(footprint.Processor.TotalMilliseconds / Services, "0.00")],
                [$"watches left, {Report.Number(clock.Elapsed.TotalSeconds, "0.0")} s later (idle {IdleTimeout.TotalSeconds} s)", $"{left}",
                    report.Promise(left < watchesBefore, $"kube-demand: {left} watches are left of services that nobody calls")],
                ["managed heap left, kB", Report.Number((after - before) / 1e3), ""],
            ]);
    }

    private static async Task CallAsync(ClusterProcess cluster, Report report)
    {
        await using var mesh = await KubernetesMesh.StartAsync(new MeshOptions { Namespace = "default" }, Options(cluster, TimeSpan.FromMinutes(10)));
        using var client = mesh.CreateClient();
        report.Table($"First calls to {Services} services, ms", ["", "calls", "median", "p99", "max", "all", "failed", ""],
        [
            await CallAsync(client, Enumerable.Range(0, OneByOne), concurrency: 1, report),
            await CallAsync(client, Enumerable.Range(OneByOne, Services - OneByOne), Concurrency, report),
        ]);
    }

    private static async Task<string[]> CallAsync(HttpClient client, IEnumerable<int> services, int concurrency, Report report)
    {
        var answers = new ConcurrentBag<Answer>();
        var latencies = new ConcurrentBag<double>();
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(services, new ParallelOptions { MaxDegreeOfParallelism = concurrency }, async (i, _) =>
        {
            var began = Stopwatch.GetTimestamp();
            answers.Add(await Answer.AskAsync(client, new Uri($"http://{Name(i)}/port"), began));
            latencies.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        });
        var all = clock.Elapsed;
        var failures = Report.Failures("kube-demand", answers);
        var times = new Quantiles(latencies);
        return
        [
            $"{concurrency} at a time", $"{times.Count}", Report.Number(times.Median, "0.0"), Report.Number(times.P99, "0.0"), Report.Number(times.Largest, "0.0"),
            Report.Number(all.TotalMilliseconds), $"{failures}", report.Promise(failures == 0, $"kube-demand: {failures} first calls failed"),
        ];
    }

    private static MeshKubernetesOptions Options(ClusterProcess cluster, TimeSpan idleTimeout) =>
        new() { Kubeconfig = cluster.Kubeconfig, MaxServices = Services, IdleTimeout = idleTimeout };

    private static string Name(int number) => $"service-{number}";
}
