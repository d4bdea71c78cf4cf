using System.Diagnostics;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Cluster;
using MeshSdk.LoadTest.Measuring;

namespace MeshSdk.LoadTest.Modes;

/// <summary>Weights that are changed over the API of a live cluster while calls go on: how long until a change is obeyed.</summary>
internal static class KubeShiftMode
{
    private const int RequestsPerSecond = 500;
    private const int Flips = 200;
    private const double Goal = 50;

    public static async Task RunAsync(BackendProcess backend, Report report)
    {
        using var cluster = await CanaryCluster.StartAsync(backend, 100, 0);
        using var writer = new ApiWriter(cluster);
        await writer.WaitForEndpointsAsync(10);
        await using var mesh = await CanaryCluster.MeshAsync(cluster);
        using var client = mesh.CreateClient();
        HashSet<int> second = [.. backend.Http1[3..5].Select(static e => e.Port)];
        var load = new OpenLoop(client, CanaryCluster.PortUri, RequestsPerSecond);

        // The first ones of each compile and connect what the others use.
        await FlipsAsync(load, writer, second, count: 10);
        var flips = await FlipsAsync(load, writer, second, Flips);
        var answers = await load.StopAsync();

        var times = flips.Select(flip => Obeyed(flip, flips, answers, second)).ToArray();
        var failures = Report.Failures("kube-shift", answers);
        var written = new Quantiles(times.Select(static time => time.SinceWrite));
        var answered = new Quantiles(times.Select(static time => time.SinceAnswer));
        var late = times.Sum(static time => time.Disobeyed);
        report.Table($"From the write of a changed weight to the sending of the first request that obeys, at {RequestsPerSecond} requests a second, ms",
            ["counted from", "changes", "median", "p99", "max", "goal p99", ""],
            [
                ["the moment before the PATCH is sent", $"{Flips}", Report.Number(written.Median, "0.0"), Report.Number(written.P99, "0.0"),
                    Report.Number(written.Largest, "0.0"), $"<= {Goal}", Report.Goal(written.P99 <= Goal)],
                ["the answer to the PATCH", $"{Flips}", Report.Number(answered.Median, "0.0"), Report.Number(answered.P99, "0.0"),
                    Report.Number(answered.Largest, "0.0"), "", ""],
            ]);
        report.Table("Meanwhile", ["", "found", "promised", ""],
            [
                [$"failed, of {answers.Length} requests", $"{failures}", "0", report.Promise(failures == 0, $"kube-shift: {failures} requests failed")],
                ["routed by the old weights after one by the new", $"{late}", "0", report.Promise(late == 0, $"kube-shift: {late} requests fell back to old weights")],
            ]);
    }

    /// <summary>Everything to one version and then to the other.</summary>
    private static async Task<List<Flip>> FlipsAsync(OpenLoop load, ApiWriter writer, HashSet<int> second, int count)
    {
        var flips = new List<Flip>();
        for (var i = 0; i < count; i++)
        {
            var toSecond = i % 2 == 0;
            var began = load.Now();
            await writer.ShiftAsync(toSecond ? 0 : 100, toSecond ? 100 : 0);
            flips.Add(new Flip(toSecond, began.Time, Stopwatch.GetTimestamp()));
            await load.WaitAsync(began, answers => answers.Any(answer => answer.Failure is null && second.Contains(answer.Port) == toSecond));

            // Out of step with everything that happens at regular times.
            await Task.Delay(Random.Shared.Next(20, 60));
        }

        return flips;
    }

    private static (double SinceWrite, double SinceAnswer, int Disobeyed) Obeyed(Flip flip, List<Flip> all, Answer[] answers, HashSet<int> second)
    {
        var next = all.Where(other => other.Written > flip.Written).Select(static other => other.Written).DefaultIfEmpty(long.MaxValue).Min();
        Answer[] during = [.. answers.Where(answer => answer.Sent > flip.Written && answer.Sent < next && answer.Failure is null)];
        var first = during.First(answer => second.Contains(answer.Port) == flip.ToSecond).Sent;
        var disobeyed = during.Count(answer => answer.Sent > first && second.Contains(answer.Port) != flip.ToSecond);
        return (
            Stopwatch.GetElapsedTime(flip.Written, first).TotalMilliseconds,
            Stopwatch.GetElapsedTime(flip.Answered, first).TotalMilliseconds,
            disobeyed);
    }

    /// <param name="ToSecond">Where everything goes from now on.</param>
    /// <param name="Written">The moment before the write was sent.</param>
    /// <param name="Answered">When the API server had answered it.</param>
    private sealed record Flip(bool ToSecond, long Written, long Answered);
}
