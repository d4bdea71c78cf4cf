using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;

namespace MeshSdk.LoadTest.Modes;

/// <summary>Against what .NET has today, all through IHttpClientFactory, HTTP/1.1.</summary>
internal static class PeersMode
{
    private const double ShareOfAddedBytes = 0.25;

    public static async Task RunAsync(BackendProcess backend, Report report, TimeSpan duration)
    {
        using var plain = Peers.Plain(backend);
        using var mesh = await Peers.MeshAsync(backend);
        using var floor = Peers.RoundRobin(backend);
        using var discovery = Peers.DiscoveryWithResilience(backend);
        using var hedging = Peers.WeightedHedging(backend);
        await BytesAsync(report, plain, mesh, discovery, hedging);
        await ThroughputAsync(report, duration, mesh, (discovery, [(1, null), (16, 1.2), (64, 1.5)]), (hedging, [(1, null), (16, 1.7), (64, 1.7)]),
            (floor, [(16, null), (64, null)]));
    }

    private static async Task BytesAsync(Report report, Contender plain, Contender mesh, params Contender[] peers)
    {
        var rows = new List<string[]>();
        foreach (var concurrency in (int[])[1, 16, 64])
        {
            var floor = await Load.BytesAsync(plain, Call.Buffered, concurrency);
            var ours = await Load.BytesAsync(mesh, Call.Buffered, concurrency) - floor;
            foreach (var peer in peers)
            {
                var theirs = await Load.BytesAsync(peer, Call.Buffered, concurrency) - floor;
                var budget = theirs * ShareOfAddedBytes;
                rows.Add([$"{peer.Name}, {concurrency} at a time", Report.Number(theirs), Report.Number(ours), $"<= {Report.Number(budget)}",
                    report.Promise(ours <= budget, $"added bytes at {concurrency}: {Report.Number(ours)}, a quarter of {peer.Name} is {Report.Number(budget)}")]);
            }
        }

        report.Table($"Bytes a request beyond a {plain.Name}", ["peer", "its own", "mesh", "budget", ""], rows);
    }

    private static async Task ThroughputAsync(
        Report report, TimeSpan duration, Contender mesh, params (Contender Peer, (int Concurrency, double? Budget)[] Points)[] peers)
    {
        var rows = new List<string[]>();
        foreach (var (peer, points) in peers)
        {
            foreach (var (concurrency, budget) in points)
            {
                var ratio = await Load.RatioAsync(peer, mesh, Call.Buffered, concurrency, duration);
                rows.Add([$"{peer.Name}, {concurrency} at a time", Report.Number(ratio.Rate, "0.00"), budget is { } b ? $">= {Report.Number(b, "0.0")}" : "",
                    Report.Number(ratio.Cpu, "0.00")]);
            }
        }

        report.Table("The mesh as a multiple of the peer", ["peer", "throughput", "budget", "client CPU a request"], rows);
    }
}
