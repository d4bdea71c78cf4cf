using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;

namespace MeshSdk.LoadTest.Modes;

/// <summary>
/// gRPC calls through the mesh, by each of the ways to make them, against the <c>round_robin</c> that Grpc.Net.Client has of its own: the same servers, as many
/// endpoints and as many connections. Bytes are judged; ratios depend on the machine's other work and are shown.
/// </summary>
internal static class GrpcMode
{
    private const int Budget = 1_300;
    private const double UnaryGoal = 0.93;
    private const double StreamGoal = 0.98;

    /// <param name="report">Where promises are kept.</param>
    /// <param name="duration">Of each ratio.</param>
    /// <param name="isQuick">Whether the call invoker alone is looked at, with 16 calls at a time.</param>
    public static async Task RunAsync(Report report, TimeSpan duration, bool isQuick)
    {
        int[] concurrencies = isQuick ? [16] : [1, 16, 64];
        using var backend = await GrpcBackend.StartAsync();
        using var floor = GrpcPeers.RoundRobin(backend);
        using var invoker = await GrpcCanary.InvokerAsync(backend);
        List<(GrpcContender Floor, GrpcContender Contender, bool IsMesh)> pairs = [(floor, invoker, true)];
        List<IDisposable> owned = [];
        if (!isQuick)
        {
            var retrying = GrpcPeers.RetryingRoundRobin(backend);
            pairs.Insert(0, (floor, GrpcPeers.Plain(backend), false));
            pairs.Add((floor, await GrpcCanary.FactoryAsync(backend), true));
            pairs.Add((floor, await GrpcCanary.HandlerAsync(backend), true));
            pairs.Add((floor, await GrpcCanary.ArmedAsync(backend), true));
            pairs.Add((retrying, await GrpcCanary.RetryingAsync(backend), true));
            owned.AddRange([retrying, .. pairs.Select(static pair => pair.Contender).Where(c => c != invoker)]);
        }

        try
        {
            await BytesAsync(report, "Bytes a unary call, client process", pairs, concurrencies);
            AllocationTable(report, floor, await AllocatedTypes.SampleAsync(() => new UnaryLoop(floor)), invoker, await AllocatedTypes.SampleAsync(() => new UnaryLoop(invoker)));
            await UnaryAsync(report, "Unary calls as a multiple of the one beside it", pairs, concurrencies, duration);
            await StreamsAsync(report, floor, invoker, isQuick ? [16] : [1, 16], duration);
        }
        finally
        {
            owned.ForEach(static disposable => disposable.Dispose());
        }

        if (!isQuick)
        {
            await SecuredAsync(report, concurrencies, duration);
        }
    }

    private static async Task SecuredAsync(Report report, int[] concurrencies, TimeSpan duration)
    {
        using var members = new LoadMembers(SessionTickets.Shared);
        using var backend = await members.StartGrpcAsync();
        using var floor = GrpcPeers.SecuredRoundRobin(members, backend);
        using var mesh = await GrpcCanary.SecuredAsync(members, backend);
        await BytesAsync(report, "Bytes a unary call over mutual TLS, client process", [(floor, mesh, true)], concurrencies);
        await UnaryAsync(report, "Unary calls over mutual TLS as a multiple of the one beside it", [(floor, mesh, true)], concurrencies, duration);
    }

    private static async Task BytesAsync(
        Report report, string title, IEnumerable<(GrpcContender Floor, GrpcContender Contender, bool IsMesh)> pairs, int[] concurrencies)
    {
        var rows = new List<string[]>();
        foreach (var (floor, contender, isMesh) in pairs)
        {
            foreach (var concurrency in concurrencies)
            {
                var alone = await Load.BytesAsync(() => new UnaryLoop(floor), concurrency);
                var with = await Load.BytesAsync(() => new UnaryLoop(contender), concurrency);
                var what = $"{contender.Name}, {concurrency} at a time";
                rows.Add([what, floor.Name, Report.Number(alone), Report.Number(with), Report.Number(with - alone), isMesh ? $"<= {Budget}" : "",
                    isMesh ? report.Promise(with - alone <= Budget, $"{what}: {Report.Number(with - alone)} B more than {floor.Name}, budget {Budget}") : ""]);
            }
        }

        report.Table(title, ["calls", "beside", "its own", "found", "added", "budget", ""], rows);
    }

    // Where the bytes are: samples, so that small differences mean nothing.
    private static void AllocationTable(Report report, GrpcContender floor, AllocatedTypes alone, GrpcContender mesh, AllocatedTypes with)
    {
        var rows = alone.Types.Union(with.Types)
            .Select(type => (Type: type, Alone: alone.BytesOf(type), With: with.BytesOf(type)))
            .OrderByDescending(static row => Math.Abs(row.With - row.Alone))
            .Take(20)
            .Select(static row => (string[])[row.Type, Report.Number(row.Alone), Report.Number(row.With), Report.Number(row.With - row.Alone)])
            .ToList();
        report.Table("Bytes a unary call by type, sampled: the largest differences", ["type", floor.Name, mesh.Name, "added"], rows);
    }

    private static async Task UnaryAsync(
        Report report, string title, IEnumerable<(GrpcContender Floor, GrpcContender Contender, bool IsMesh)> pairs, int[] concurrencies, TimeSpan duration)
    {
        var rows = new List<string[]>();
        foreach (var (floor, contender, isMesh) in pairs)
        {
            foreach (var concurrency in concurrencies)
            {
                var ratio = await Load.RatioAsync(() => new UnaryLoop(floor), () => new UnaryLoop(contender), concurrency, duration);
                rows.Add([$"{contender.Name}, {concurrency} at a time", floor.Name, Report.Number(ratio.Rate, "0.00"), isMesh ? $">= {Report.Number(UnaryGoal, "0.00")}" : "",
                    isMesh ? Report.Goal(ratio.Rate >= UnaryGoal) : "", Report.Number(ratio.Cpu, "0.00")]);
            }
        }

        report.Table(title, ["calls", "beside", "throughput", "goal", "", "client CPU a call"], rows);
    }

    private static async Task StreamsAsync(Report report, GrpcContender floor, GrpcContender mesh, int[] concurrencies, TimeSpan duration)
    {
        (string Name, Func<GrpcContender, Loop> Open)[] kinds =
        [
            ("messages to and fro", static contender => new ExchangeLoop(contender)),
            ("messages from the server", static contender => new CountLoop(contender)),
        ];
        var rows = new List<string[]>();
        foreach (var (name, open) in kinds)
        {
            foreach (var concurrency in concurrencies)
            {
                var alone = await Load.BytesAsync(() => open(floor), concurrency);
                var with = await Load.BytesAsync(() => open(mesh), concurrency);
                var ratio = await Load.RatioAsync(() => open(floor), () => open(mesh), concurrency, duration);
                rows.Add([$"{name}, {concurrency} streams", Report.Number(ratio.Rate, "0.00"), $">= {Report.Number(StreamGoal, "0.00")}",
                    Report.Goal(ratio.Rate >= StreamGoal), Report.Number(ratio.Cpu, "0.00"), Report.Number(alone), Report.Number(with)]);
            }
        }

        report.Table($"Streams of {mesh.Name} as a multiple of {floor.Name}", ["messages", "a second", "goal", "", "client CPU each", "bytes each, its own", "mesh"], rows);
    }
}
