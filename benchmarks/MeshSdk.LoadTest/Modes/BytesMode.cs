using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Modes;

/// <summary>What the mesh allocates for a request beyond a hand-written round robin over the same pinned handlers.</summary>
internal static class BytesMode
{
    // The mesh has to look at the headers of some messages, and to look makes a message that has none create the collection, 48 bytes. The last
    // row shows that and is not judged.
    private static readonly (Call Call, int? Budget)[] Calls =
    [
        (Call.NoContent, 200), (Call.Empty, 200), (Call.Streamed, 400), (Call.Buffered, 400),
        (Call.Streamed with { Name = "the same stream, request without a header", Bare = true }, null),
    ];

    public static readonly string[] Columns = ["request", "round robin by hand", "mesh", "added", "budget", ""];

    private const int ArmedBudget = 700;

    public static Task RunAsync(BackendProcess backend, Report report) =>
        RunAsync(backend, report, "Bytes a request, client process", Canary.MeshAsync, Calls);

    /// <summary>With timeouts and retries of the route armed, and none of them needed.</summary>
    public static Task RunArmedAsync(BackendProcess backend, Report report) => RunAsync(
        backend, report, "Bytes a request with timeouts and retries armed", Canary.ArmedAsync, Array.ConvertAll(Calls, static c => (c.Call, c.Budget is null ? null : (int?)ArmedBudget)));

    /// <param name="report">Where promises are kept.</param>
    /// <param name="protocol">What is spoken.</param>
    /// <param name="floor">What bytes are counted from.</param>
    /// <param name="mesh">Whose they are.</param>
    /// <param name="calls">What is sent, and how many bytes it may cost; null: any.</param>
    /// <returns>Rows of a table that has the columns <see cref="Columns"/>.</returns>
    public static async Task<List<string[]>> MeasureAsync(
        Report report, HttpProtocol protocol, Contender floor, Contender mesh, IEnumerable<(Call Call, int? Budget)> calls)
    {
        var rows = new List<string[]>();
        foreach (var (call, budget) in calls)
        {
            foreach (var concurrency in (int[])[1, 16, 64])
            {
                var a = await Load.BytesAsync(floor, call, concurrency);
                var b = await Load.BytesAsync(mesh, call, concurrency);
                var what = $"{protocol}, {call.Name}, {concurrency} at a time";
                rows.Add([what, Report.Number(a), Report.Number(b), Report.Number(b - a), budget is null ? "" : $"<= {budget}",
                    budget is null ? "" : report.Promise(b - a <= budget, $"{what}: {Report.Number(b - a)} B more than the floor, budget {budget}")]);
            }
        }

        return rows;
    }

    private static async Task RunAsync(
        BackendProcess backend, Report report, string title, Func<BackendProcess, HttpProtocol, Task<Contender>> contender, (Call Call, int? Budget)[] calls)
    {
        var rows = new List<string[]>();
        foreach (var protocol in Enum.GetValues<HttpProtocol>())
        {
            using var floor = Canary.RoundRobin(backend, protocol);
            using var mesh = await contender(backend, protocol);
            rows.AddRange(await MeasureAsync(report, protocol, floor, mesh, calls));
        }

        report.Table(title, Columns, rows);
    }
}
