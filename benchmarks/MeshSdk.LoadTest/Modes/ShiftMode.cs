using System.Diagnostics;
using System.Globalization;
using MeshSdk.Benchmarks.Shared;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Modes;

/// <summary>Weights that change while calls go on: no call fails, and each new split holds at once.</summary>
internal static class ShiftMode
{
    private const int RequestsPerSecond = 500;
    private const int Flips = 200;

    public static async Task RunAsync(BackendProcess backend, Report report, TimeSpan duration)
    {
        var source = Canary.Source(backend, HttpProtocol.Http1);
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
        using var client = mesh.CreateClient();
        HashSet<int> second = [.. Canary.Endpoints(backend, HttpProtocol.Http1).V2.Select(static e => e.Port)];

        await StepsAsync(client, source, second, report, duration / 3);
        await FlipsAsync(client, source, second, report);
    }

    private static async Task StepsAsync(HttpClient client, InMemorySource source, HashSet<int> second, Report report, TimeSpan each)
    {
        var rows = new List<string[]>();
        foreach (var (w1, w2) in ((int, int)[])[(90, 10), (50, 50), (0, 100)])
        {
            source.Apply(CanaryManifests.Route(w1, w2));
            var answers = await OpenLoopAsync(client, each);
            var failures = answers.Count(static a => a is null);
            var toSecond = answers.Count(a => a is { } port && second.Contains(port));
            var share = 100.0 * toSecond / answers.Length;

            // The first few may still be on their way under the weights before.
            rows.Add([$"{w1}/{w2}", $"{answers.Length}", $"{failures}", $"{Report.Number(share, "0.0")} %",
                report.Promise(failures == 0 && Math.Abs(share - w2) <= 1, $"{w1}/{w2}: {failures} failed, {Report.Number(share, "0.0")} % to version 2")]);
        }

        report.Table($"Weights change under {RequestsPerSecond} requests a second", ["weights", "requests", "failed", "to v2", ""], rows);
    }

    /// <summary>Everything to one version and then to the other, and after each change requests in a row until one obeys.</summary>
    private static async Task FlipsAsync(HttpClient client, InMemorySource source, HashSet<int> second, Report report)
    {
        var times = new List<double>();
        for (var i = 0; i < Flips; i++)
        {
            var toSecond = i % 2 == 1;
            var manifests = toSecond ? CanaryManifests.Route(0, 100) : CanaryManifests.Route(100, 0);
            var began = Stopwatch.GetTimestamp();
            source.Apply(manifests);
            double sent;
            do
            {
                sent = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }
            while (second.Contains(await PortAsync(client)) != toSecond);
            times.Add(sent);
        }

        times.Sort();
        report.Table("From Apply to the sending of the first request that obeys, ms", ["changes", "median", "p99", "budget p99"],
            [[$"{Flips}", Report.Number(times[Flips / 2], "0.00"), Report.Number(times[Flips * 99 / 100], "0.00"), "<= 5"]]);
    }

    private static async Task<int?[]> OpenLoopAsync(HttpClient client, TimeSpan duration)
    {
        var answers = new List<Task<int?>>();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            // Whatever is due by now; a late timer must not thin the load out.
            for (var due = clock.Elapsed.TotalSeconds * RequestsPerSecond; answers.Count < due;)
            {
                answers.Add(TryAsync(client));
            }

            await Task.Delay(1);
        }

        return await Task.WhenAll(answers);
    }

    private static async Task<int?> TryAsync(HttpClient client)
    {
        try
        {
            return await PortAsync(client);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<int> PortAsync(HttpClient client) =>
        int.Parse(await client.GetStringAsync(new Uri($"{Canary.Address}/port")), CultureInfo.InvariantCulture);
}
