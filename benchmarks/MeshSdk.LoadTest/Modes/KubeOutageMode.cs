using System.Diagnostics;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Cluster;
using MeshSdk.LoadTest.Measuring;

namespace MeshSdk.LoadTest.Modes;

/// <summary>The API server goes away under load, things change meanwhile, and it comes back; then a mesh starts while it is away.</summary>
internal static class KubeOutageMode
{
    private const int RequestsPerSecond = 500;
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(BackendProcess backend, Report report, TimeSpan outage)
    {
        using var cluster = await CanaryCluster.StartAsync(backend, 90, 10);
        using (var writer = new ApiWriter(cluster))
        {
            await writer.WaitForEndpointsAsync(10);
        }

        await UnderLoadAsync(cluster, backend, report, outage);
        await AtStartAsync(cluster, backend, report);
    }

    private static async Task UnderLoadAsync(ClusterProcess cluster, BackendProcess backend, Report report, TimeSpan outage)
    {
        await using var mesh = await CanaryCluster.MeshAsync(cluster, cluster.SnapshotDirectory);
        using var client = mesh.CreateClient();
        var load = new OpenLoop(client, CanaryCluster.PortUri, RequestsPerSecond);
        await Task.Delay(TimeSpan.FromSeconds(1));

        // Everything to version 2, which loses one pod and gets another.
        await cluster.StopListeningAsync();
        await Task.Delay(outage / 2);
        await cluster.ApplyAsync(ClusterManifests.Route(0, 100));
        await cluster.RemovePodAsync(CanaryCluster.PodName(3));
        await cluster.AddPodAsync(CanaryCluster.PodName(5), ClusterManifests.App, "v2", backend.Http1[5].Port);
        await Task.Delay(outage / 2);
        var away = load.Now();
        await cluster.ListenAsync();
        var back = load.Now();
        var inForce = await UntilAsync(load, back, backend.Http1[4].Port, backend.Http1[5].Port);

        var answers = await load.StopAsync();
        var during = answers.Count(answer => answer.Sent < away.Time);
        var failures = Report.Failures("kube-outage", answers);
        report.Table($"API server gone for {outage.TotalSeconds} s under {RequestsPerSecond} requests a second", ["", "found", "goal", ""],
            [
                [$"failed, of {answers.Length} requests ({during} until its return)", $"{failures}", "0",
                    report.Promise(failures == 0, $"kube-outage: {failures} requests failed")],
                ["until a weight, a pod that went and one that came are in force, s", Report.Number(inForce.TotalSeconds, "0.00"), $"<= {Goal.TotalSeconds}",
                    Report.Goal(inForce <= Goal)],
            ]);
    }

    private static async Task AtStartAsync(ClusterProcess cluster, BackendProcess backend, Report report)
    {
        await cluster.StopListeningAsync();
        var began = Stopwatch.GetTimestamp();
        await using var mesh = await CanaryCluster.MeshAsync(cluster, cluster.SnapshotDirectory);
        using var client = mesh.CreateClient();
        var first = await Answer.AskAsync(client, CanaryCluster.PortUri, Stopwatch.GetTimestamp());
        var answered = Stopwatch.GetElapsedTime(began);

        var load = new OpenLoop(client, CanaryCluster.PortUri, RequestsPerSecond);
        await Task.Delay(TimeSpan.FromSeconds(3));
        await cluster.ApplyAsync(ClusterManifests.Route(100, 0));
        await cluster.ListenAsync();
        var inForce = await UntilAsync(load, load.Now(), [.. backend.Http1[..3].Select(static e => e.Port)]);
        Answer[] answers = [first, .. await load.StopAsync()];
        var failures = Report.Failures("kube-outage, at the start", answers);
        report.Table("API server gone when the mesh starts, with a snapshot on disk", ["", "found", "goal", ""],
            [
                ["until the first request is answered, s", Report.Number(answered.TotalSeconds, "0.00"), "", ""],
                [$"failed, of {answers.Length} requests", $"{failures}", "0",
                    report.Promise(failures == 0, $"kube-outage, at the start: {failures} requests failed")],
                ["after its return, until a change is in force, s", Report.Number(inForce.TotalSeconds, "0.00"), $"<= {Goal.TotalSeconds}",
                    Report.Goal(inForce <= Goal)],
            ]);
    }

    /// <summary>Waits until these and no others answer, all of them.</summary>
    /// <returns>From the mark to the sending of the first of the requests that show it.</returns>
    private static async Task<TimeSpan> UntilAsync(OpenLoop load, Mark from, params int[] ports)
    {
        const int Row = 50;
        var row = new List<Answer>();
        await load.WaitAsync(from, answers =>
        {
            foreach (var answer in answers)
            {
                if (!ports.Contains(answer.Port))
                {
                    row.Clear();
                }
                else
                {
                    row.Add(answer);
                }
            }

            return row.Count >= Row && row.Select(static answer => answer.Port).Distinct().Count() == ports.Length;
        });
        var seen = ports.Select(port => row.First(answer => answer.Port == port).Sent).Max();
        return Stopwatch.GetElapsedTime(from.Time, seen);
    }
}
