using System.Collections.Concurrent;
using System.Diagnostics;
using MeshSdk.Benchmarks.Shared;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Modes;

/// <summary>
/// Weights change and endpoints come and go every 20 ms under 64 concurrent POSTs. POSTs, because nothing below the mesh may hide a failure by sending
/// them again.
/// </summary>
internal static class ChurnMode
{
    private const int Concurrency = 64;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static async Task RunAsync(BackendProcess backend, Report report, TimeSpan duration)
    {
        var rows = new List<string[]>();
        foreach (var protocol in Enum.GetValues<HttpProtocol>())
        {
            var source = Canary.Source(backend, protocol);
            await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
            using var client = mesh.CreateClient();
            await PostAsync(client, TimeSpan.FromSeconds(1));
            var quiet = await PostAsync(client, TimeSpan.FromSeconds(2));

            using var stop = new CancellationTokenSource();
            var swaps = SwapAsync(source, backend, protocol, stop.Token);
            var churned = await PostAsync(client, duration);
            await stop.CancelAsync();

            foreach (var failure in churned.Failures.Take(5))
            {
                Console.WriteLine($"  {protocol}: {failure.Key} ({failure.Value} times)");
            }

            var failures = churned.Failures.Values.Sum();
            rows.Add([protocol.ToString(), $"{churned.Requests}", $"{await swaps}", $"{failures}",
                Report.Number(quiet.P99, "0.0"), Report.Number(churned.P99, "0.0"),
                report.Promise(failures == 0, $"churn, {protocol}: {failures} of {churned.Requests} requests failed")]);
        }

        report.Table($"Weights and endpoints change every {Interval.TotalMilliseconds} ms under {Concurrency} concurrent POSTs",
            ["protocol", "requests", "swaps", "failed", "p99 ms without", "p99 ms with", ""], rows);
    }

    private static async Task<int> SwapAsync(InMemorySource source, BackendProcess backend, HttpProtocol protocol, CancellationToken stop)
    {
        var (v1, v2) = Canary.Endpoints(backend, protocol);
        (int, int)[] weights = [(90, 10), (50, 50), (10, 90), (1, 0), (33, 67)];
        var swaps = 0;
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var (w1, w2) = weights[swaps % weights.Length];

                // Each version loses one of its endpoints and gets the one back that it lost before.
                source.Apply(string.Join("\n---\n",
                [
                    CanaryManifests.Route(w1, w2),
                    .. v1.Select((e, i) => CanaryManifests.Slice("backend-v1", e.Port, i == swaps % v1.Length ? [] : [e.Address])),
                    .. v2.Select((e, i) => CanaryManifests.Slice("backend-v2", e.Port, i == swaps % v2.Length ? [] : [e.Address])),
                ]));
                swaps++;
            }
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }

        return swaps;
    }

    private static async Task<Outcome> PostAsync(HttpClient client, TimeSpan duration)
    {
        var failures = new ConcurrentDictionary<string, int>();
        var clock = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(Enumerable.Range(0, Concurrency).Select(i => Task.Run(async () =>
        {
            var mine = new List<double>();
            for (var n = 0; clock.Elapsed < duration; n++)
            {
                var began = Stopwatch.GetTimestamp();
                if (await FailureOfAsync(client, $"{i}/{n}") is { } failure)
                {
                    failures.AddOrUpdate(failure, 1, static (_, count) => count + 1);
                }

                mine.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return mine;
        })));
        double[] all = [.. latencies.SelectMany(static l => l).Order()];
        return new Outcome(all.Length, failures, all[all.Length * 99 / 100]);
    }

    private static async Task<string?> FailureOfAsync(HttpClient client, string text)
    {
        try
        {
            using var content = new StringContent(text);
            using var response = await client.PostAsync(new Uri($"{Canary.Address}/echo"), content);
            var answer = await response.Content.ReadAsStringAsync();
            return !response.IsSuccessStatusCode ? $"{(int)response.StatusCode} {answer}" : answer != text ? "another request's answer" : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    private sealed record Outcome(int Requests, ConcurrentDictionary<string, int> Failures, double P99);
}
