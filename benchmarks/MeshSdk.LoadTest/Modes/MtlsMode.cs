using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Modes;

/// <summary>
/// What <see cref="BytesMode"/> and <see cref="ThroughputMode"/> say, over mutual TLS: both contenders show the same certificate, check that of the peer, and
/// keep their connections.
/// </summary>
internal static class MtlsMode
{
    public static async Task RunAsync(Report report, TimeSpan duration)
    {
        using var members = new LoadMembers(SessionTickets.Shared);
        using var backend = await members.StartBackendAsync();
        var bytes = new List<string[]>();
        var ratios = new List<string[]>();
        foreach (var protocol in Enum.GetValues<HttpProtocol>())
        {
            using var floor = SecuredCanary.RoundRobin(members, backend, protocol);
            using var mesh = await SecuredCanary.MeshAsync(members, backend, protocol);
            var budget = protocol == HttpProtocol.Http1 ? 550 : 700;
            bytes.AddRange(await BytesMode.MeasureAsync(report, protocol, floor, mesh,
            [
                (Call.NoContent, budget), (Call.Streamed, budget), (Call.Buffered, budget),
                (Call.Streamed with { Name = "the same stream, no URI twice", IsUnique = true }, budget),
            ]));
            foreach (var concurrency in (int[])[1, 16, 64])
            {
                var ratio = await Load.RatioAsync(floor, mesh, Call.Buffered, concurrency, duration);
                ratios.Add([$"{protocol}, {concurrency} at a time", Report.Number(ratio.Rate, "0.00"), ">= 0.95", Report.Goal(ratio.Rate >= 0.95), Report.Number(ratio.Cpu, "0.00")]);
            }
        }

        report.Table("Bytes a request over mutual TLS, client process", BytesMode.Columns, bytes);
        report.Table("The mesh over mutual TLS as a multiple of a round robin by hand over the same", ["request", "throughput", "goal", "", "client CPU a request"], ratios);
    }
}
