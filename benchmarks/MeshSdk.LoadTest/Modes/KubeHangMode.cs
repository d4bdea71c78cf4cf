using System.Diagnostics;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Cluster;
using MeshSdk.LoadTest.Measuring;

namespace MeshSdk.LoadTest.Modes;

/// <summary>
/// Watches that stand still and do not end, while connections live and pings are answered: only the missing bookmarks tell. A change made right after is
/// obeyed once the mesh has noticed and opened new watches.
/// </summary>
internal static class KubeHangMode
{
    private const int RequestsPerSecond = 500;

    // From the last line to the end of the watch, and the opening of the next one.
    private static readonly TimeSpan Bound = BookmarkRhythm.ShortestSilence + TimeSpan.FromSeconds(1);

    public static async Task RunAsync(BackendProcess backend, Report report)
    {
        var bookmarkInterval = TimeSpan.FromSeconds(1);
        using var cluster = await CanaryCluster.StartAsync(backend, 100, 0, bookmarkInterval);
        using var writer = new ApiWriter(cluster);
        await writer.WaitForEndpointsAsync(10);
        await using var mesh = await CanaryCluster.MeshAsync(cluster);
        using var client = mesh.CreateClient();
        HashSet<int> second = [.. backend.Http1[3..5].Select(static e => e.Port)];
        var load = new OpenLoop(client, CanaryCluster.PortUri, RequestsPerSecond);

        // Three bookmarks tell how far apart they are.
        await Task.Delay(4 * bookmarkInterval);
        await cluster.HangRunningWatchesAsync();
        var hung = load.Now();
        await writer.ShiftAsync(0, 100);
        await load.WaitAsync(hung, answers => answers.Any(answer => second.Contains(answer.Port)));
        var noticed = Stopwatch.GetElapsedTime(hung.Time);

        var answers = await load.StopAsync();
        var failures = Report.Failures("kube-hang", answers);
        report.Table($"Watches hang silently, after bookmarks every {bookmarkInterval.TotalSeconds} s",
            ["", "found", "bound", ""],
            [
                ["until a change made in the hang is obeyed, s", Report.Number(noticed.TotalSeconds, "0.0"), $"<= {Bound.TotalSeconds}",
                    Report.Goal(noticed <= Bound)],
                [$"failed, of {answers.Length} requests", $"{failures}", "0", report.Promise(failures == 0, $"kube-hang: {failures} requests failed")],
            ]);
    }
}
