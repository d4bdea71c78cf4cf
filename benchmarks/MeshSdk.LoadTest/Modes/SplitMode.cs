using System.Collections.Concurrent;
using System.Globalization;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Modes;

/// <summary>Who answers: the servers say their port, and the versions are known by it.</summary>
internal static class SplitMode
{
    private const int Starts = 1000;
    private const int Requests = 10_000;

    public static async Task RunAsync(BackendProcess backend, Report report)
    {
        var (v1, v2) = Canary.Endpoints(backend, HttpProtocol.Http1);
        int[] ports1 = [.. v1.Select(static e => e.Port)];
        int[] ports2 = [.. v2.Select(static e => e.Port)];
        var rows = new List<string[]>();

        var exact = 0;
        for (var i = 0; i < Starts; i++)
        {
            var counts = await CountAsync(backend, requests: 20, concurrency: 1);
            exact += Sum(counts, ports1) == 18 && Sum(counts, ports2) == 2 ? 1 : 0;
        }

        rows.Add([$"{Starts} fresh starts, 20 requests each", $"18/2 in {exact}", $"{Starts}",
            report.Promise(exact == Starts, $"18/2 in {exact} of {Starts} fresh starts")]);

        var parallel = await CountAsync(backend, Requests, concurrency: 16);
        var share = 100.0 * Sum(parallel, ports1) / Requests;
        rows.Add([$"{Requests} requests, 16 at a time", $"{Report.Number(share, "0.00")} %", "90.0 ± 0.1 %",
            report.Promise(Math.Abs(share - 90) <= 0.1 && parallel.Values.Sum() == Requests, $"{Report.Number(share, "0.00")} % to version 1 at 16 at a time")]);

        var sequential = await CountAsync(backend, Requests, concurrency: 1);
        foreach (var (version, ports) in ((string, int[])[])[("v1", ports1), ("v2", ports2)])
        {
            int[] each = [.. ports.Select(p => sequential.GetValueOrDefault(p))];
            rows.Add([$"{Requests} requests in a row, endpoints of {version}", string.Join('/', each), "within ± 1",
                report.Promise(each.Max() - each.Min() <= 1, $"endpoints of {version} got {string.Join('/', each)}")]);
        }

        report.Table("Split 90/10 over three and two endpoints", ["requests", "found", "promised", ""], rows);
    }

    private static async Task<ConcurrentDictionary<int, int>> CountAsync(BackendProcess backend, int requests, int concurrency)
    {
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = Canary.Source(backend, HttpProtocol.Http1) });
        using var client = mesh.CreateClient();
        var counts = new ConcurrentDictionary<int, int>();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(i => Task.Run(async () =>
        {
            for (var n = i; n < requests; n += concurrency)
            {
                var port = int.Parse(await client.GetStringAsync(new Uri($"{Canary.Address}/port")), CultureInfo.InvariantCulture);
                counts.AddOrUpdate(port, 1, static (_, count) => count + 1);
            }
        })));
        return counts;
    }

    private static int Sum(ConcurrentDictionary<int, int> counts, int[] ports) => ports.Sum(p => counts.GetValueOrDefault(p));
}
