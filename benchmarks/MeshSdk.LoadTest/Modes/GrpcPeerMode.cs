using System.Diagnostics;
using System.Net;
using Grpc.Core;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.LoadTest.Processes;
using MeshSdk.LoadTest.Protos;

namespace MeshSdk.LoadTest.Modes;

/// <summary>
/// Beside the proxyless gRPC of another stack: grpc-js-xds under a control plane of a few lines, which tells it of the same canary over the same servers. What
/// each pays is a multiple of what its own runtime pays without, for absolute figures say more of the runtimes; what each does is compared as it is.
/// </summary>
internal static class GrpcPeerMode
{
    private const int Concurrency = 32;
    private const int Calls = 8_000;
    private const int WatchedSeconds = 12;
    private const int WatchedRate = 200;
    private static readonly TimeSpan HealedAfter = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Report report, TimeSpan duration)
    {
        using var backend = await GrpcBackend.StartAsync();
        using var peer = await NodePeer.StartAsync(backend);
        if (peer is null)
        {
            return;
        }

        await OverheadAsync(report, backend, peer, duration);
        using var mesh = await GrpcCanary.EjectingAsync(backend);
        await SplitAsync(report, backend, peer, mesh);
        await EjectionAsync(report, backend, peer, mesh);
    }

    private static async Task OverheadAsync(Report report, GrpcBackend backend, NodePeer peer, TimeSpan duration)
    {
        using var plain = GrpcPeers.Plain(backend);
        using var robin = GrpcPeers.RoundRobin(backend);
        using var mesh = await GrpcCanary.InvokerAsync(backend);
        using var single = await GrpcCanary.SingleAsync(backend);
        var oursAlone = await Load.RatioAsync(() => new UnaryLoop(plain), () => new UnaryLoop(single), Concurrency, duration);
        var spread = await Load.RatioAsync(() => new UnaryLoop(plain), () => new UnaryLoop(robin), Concurrency, duration);
        var ours = await Load.RatioAsync(() => new UnaryLoop(plain), () => new UnaryLoop(mesh), Concurrency, duration);
        var oursByRobin = await Load.RatioAsync(() => new UnaryLoop(robin), () => new UnaryLoop(mesh), Concurrency, duration);
        var theirsAlone = await peer.RatioAsync("direct", "single", Concurrency, duration);
        var theirSpread = await peer.RatioAsync("direct", "round_robin", Concurrency, duration);
        var theirs = await peer.RatioAsync("direct", "xds", Concurrency, duration);
        var theirsByRobin = await peer.RatioAsync("round_robin", "xds", Concurrency, duration);
        var ejecting = await peer.RatioAsync("direct", "ejecting", Concurrency, duration);
        report.Table(
            $"What a mesh costs in .NET and in grpc-js, {Concurrency} unary calls at a time",
            ["calls", "client CPU a call", "grpc-js", "goal: less", "throughput", "grpc-js"],
            [
                Row("one endpoint, beside one plain channel", oursAlone, theirsAlone),
                Row("90/10 over five, beside one plain channel", ours, theirs),
                Row("the same, grpc-js-xds with outlier detection too", ours, ejecting),
                Row("90/10 over five, beside round_robin over five", oursByRobin, theirsByRobin),
                Row("no mesh: round_robin over five, beside one plain channel", spread, theirSpread, isMesh: false),
            ]);

        static string[] Row(string name, Window mesh, Window peer, bool isMesh = true) =>
        [
            name, Report.Number(mesh.Cpu, "0.00"), Report.Number(peer.Cpu, "0.00"), isMesh ? Report.Goal(mesh.Cpu < peer.Cpu) : "",
            Report.Number(mesh.Rate, "0.00"), Report.Number(peer.Rate, "0.00"),
        ];
    }

    private static async Task SplitAsync(Report report, GrpcBackend backend, NodePeer peer, GrpcContender mesh)
    {
        var ours = await CountAsync(mesh, Calls, null);
        var canary = await CountAsync(mesh, 20, new Metadata { { "x-canary", "true" } });
        report.Table(
            $"{Calls} calls divided 90/10 over three and two endpoints, and 20 that a header sends to version 2",
            ["", "each of version 1", "each of version 2", "of version 1", "by header to version 2"],
            [Row("mesh", ours, canary), Row("grpc-js-xds", await peer.CountAsync("count", "xds", Calls), await peer.CountAsync("canary", "xds", 20))]);

        string[] Row(string name, IReadOnlyDictionary<int, int> counts, IReadOnlyDictionary<int, int> byHeader)
        {
            int[] v1 = [.. backend.V1.Select(e => counts.GetValueOrDefault(e.Port))];
            int[] v2 = [.. backend.V2.Select(e => counts.GetValueOrDefault(e.Port))];
            var canaries = backend.V2.Sum(e => byHeader.GetValueOrDefault(e.Port));
            return [name, string.Join('/', v1), string.Join('/', v2), $"{Report.Number(100.0 * v1.Sum() / Calls, "0.00")} %", $"{canaries}/{byHeader.Values.Sum()}"];
        }
    }

    private static async Task<IReadOnlyDictionary<int, int>> CountAsync(GrpcContender contender, int calls, Metadata? headers)
    {
        var ports = new List<int>();
        var sent = 0;
        await Task.WhenAll(Enumerable.Range(0, Concurrency).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref sent) <= calls)
            {
                var reply = await contender.Client.EchoAsync(new Ping(), headers);
                lock (ports)
                {
                    ports.Add(reply.Port);
                }
            }
        })));
        return ports.CountBy(static port => port).ToDictionary();
    }

    // One of the three endpoints of version 1 fails from the start, and is well again after a while.
    private static async Task EjectionAsync(Report report, GrpcBackend backend, NodePeer peer, GrpcContender mesh)
    {
        var failing = backend.V1[0];
        report.Table(
            $"{WatchedRate} calls a second; one of three endpoints of version 1 fails all of its calls for {HealedAfter.TotalSeconds:0} s",
            ["", "calls failed of all", "the last before it was ejected", "failed again at", "first answer of the healed endpoint"],
            [
                Row("mesh", await WatchAsync(backend, failing, () => WatchAsync(mesh))),
                Row("grpc-js-xds", await WatchAsync(backend, failing, () => peer.WatchAsync("ejecting", WatchedSeconds, WatchedRate))),
            ]);

        string[] Row(string name, IReadOnlyList<CallAnswer> answers)
        {
            var failures = answers.Where(static answer => answer.Port == 0).Select(static answer => answer.At).Order().ToList();
            var ejected = failures.Where((at, i) => i + 1 == failures.Count || failures[i + 1] - at > 1).FirstOrDefault();
            var again = failures.Where(at => at > ejected).Select(static at => Report.Number(at, "0.0")).Distinct();
            var back = answers.Where(answer => answer.Port == failing.Port).Select(static answer => answer.At).DefaultIfEmpty(double.NaN).Min();
            return [name, $"{failures.Count} of {answers.Count}", $"{Report.Number(ejected, "0.00")} s", $"{string.Join(' ', again)} s", $"{Report.Number(back, "0.0")} s"];
        }
    }

    private static async Task<IReadOnlyList<CallAnswer>> WatchAsync(
        GrpcBackend backend, IPEndPoint failing, Func<Task<IReadOnlyList<CallAnswer>>> watch)
    {
        await backend.SetFailingAsync(failing, isFailing: true);
        var watching = watch();
        await Task.Delay(HealedAfter);
        await backend.SetFailingAsync(failing, isFailing: false);
        return await watching;
    }

    private static async Task<IReadOnlyList<CallAnswer>> WatchAsync(GrpcContender contender)
    {
        var start = Stopwatch.StartNew();
        var answers = new List<Task<CallAnswer>>();
        while (answers.Count < WatchedSeconds * WatchedRate)
        {
            for (var due = start.Elapsed.TotalSeconds * WatchedRate; answers.Count < due && answers.Count < WatchedSeconds * WatchedRate;)
            {
                answers.Add(AskAsync(start.Elapsed.TotalSeconds));
            }

            await Task.Delay(2);
        }

        return await Task.WhenAll(answers);

        async Task<CallAnswer> AskAsync(double at)
        {
            try
            {
                return new CallAnswer(at, (await contender.Client.EchoAsync(new Ping())).Port);
            }
            catch (RpcException)
            {
                return new CallAnswer(at, 0);
            }
        }
    }
}
