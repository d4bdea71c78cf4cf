using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Modes;

/// <summary>Throughput against the hand-written round robin. A ratio depends on the machine's other work: it is printed and not judged.</summary>
internal static class ThroughputMode
{
    public static async Task RunAsync(BackendProcess backend, Report report, TimeSpan duration)
    {
        var rows = new List<string[]>();
        foreach (var protocol in Enum.GetValues<HttpProtocol>())
        {
            using var floor = Canary.RoundRobin(backend, protocol);
            using var mesh = await Canary.MeshAsync(backend, protocol);
            foreach (var concurrency in (int[])[1, 16, 64])
            {
                var ratio = await Load.RatioAsync(floor, mesh, Call.Buffered, concurrency, duration);
                rows.Add([$"{protocol}, {concurrency} at a time", Report.Number(ratio.Rate, "0.00"), ">= 0.95", Report.Number(ratio.Cpu, "0.00")]);
            }
        }

        report.Table("The mesh as a multiple of a round robin by hand", ["request", "throughput", "budget", "client CPU a request"], rows);
    }
}
