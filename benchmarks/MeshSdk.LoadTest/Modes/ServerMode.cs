using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Testing;

namespace MeshSdk.LoadTest.Modes;

/// <summary>
/// What a server pays for being one of the mesh, for each connection and each request: beside Kestrel alone where it is called in plaintext, and
/// beside Kestrel's own HTTPS with client certificates where it is called over mutual TLS. No session is taken up again, so that every handshake is
/// a whole one.
/// </summary>
internal static class ServerMode
{
    private const int Requests = 20_000;
    private const int Connections = 1_000;
    private const int Idle = 1_000;

    public static async Task RunAsync(Report report, TimeSpan duration)
    {
        using var authority = new MeshCertificateAuthority();
        var directory = Directory.CreateTempSubdirectory("mesh-load-");
        try
        {
            authority.Issue("spiffe://cluster.local/ns/default/sa/called").WriteTo(directory.FullName);
            var caller = authority.Issue(LoadMembers.CallerId);
            using var plain = await StartAsync("Kestrel, plaintext", InboundKind.Plain);
            using var meshPlain = await StartAsync("mesh, plaintext", InboundKind.MeshPlaintext);
            using var https = await StartAsync("Kestrel, HTTPS with client certificates", InboundKind.Https);
            using var meshTls = await StartAsync("mesh, mutual TLS", InboundKind.MeshMutualTls);
            (InboundContender Floor, InboundContender Mesh)[] pairs = [(plain, meshPlain), (https, meshTls)];
            await MeasureRequestsAsync(report, pairs, duration);
            await MeasureConnectionsAsync(report, pairs, duration);
            await MeasureIdleAsync(report, pairs);

            Task<InboundContender> StartAsync(string name, InboundKind kind) => InboundContender.StartAsync(name, kind, directory.FullName, caller);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task MeasureRequestsAsync(Report report, (InboundContender Floor, InboundContender Mesh)[] pairs, TimeSpan duration)
    {
        var rows = new List<string[]>();
        foreach (var (floor, mesh) in pairs)
        {
            var (alone, with) = (await BytesAsync(floor.Server, Send(floor), Requests), await BytesAsync(mesh.Server, Send(mesh), Requests));
            var ratio = await Load.RatioAsync(floor.Kept, mesh.Kept, Call.NoContent, 16, duration);
            var isKept = report.Promise(with - alone <= 200, $"{mesh.Name}: {with - alone:0} B more a request on the server");
            rows.Add([mesh.Name, Report.Number(alone), Report.Number(with), Report.Number(with - alone), "<= 200", isKept, Report.Number(ratio.Rate, "0.000")]);
        }

        report.Table(
            "Requests on kept connections, HTTP/1.1, 16 at a time: bytes on the server, and throughput as a multiple of the floor",
            ["server", "floor B", "mesh B", "more", "budget", "", "throughput"], rows);

        static Func<int, Task> Send(InboundContender contender) => count => Load.SendAsync(contender.Kept, Call.NoContent, 16, count);
    }

    private static async Task MeasureConnectionsAsync(Report report, (InboundContender Floor, InboundContender Mesh)[] pairs, TimeSpan duration)
    {
        var rows = new List<string[]>();
        foreach (var (floor, mesh) in pairs)
        {
            var (alone, with) = (await BytesAsync(floor.Server, Send(floor), Connections), await BytesAsync(mesh.Server, Send(mesh), Connections));
            var (floorCpu, meshCpu) = (await ProcessorAsync(floor), await ProcessorAsync(mesh));
            var rate = await Load.RunAsync(mesh.Once, Call.NoContent, 8, TimeSpan.FromSeconds(1));
            var ratio = await Load.RatioAsync(floor.Once, mesh.Once, Call.NoContent, 8, duration);
            rows.Add(
            [
                mesh.Name, Report.Number(alone), Report.Number(with), Report.Number(with / alone, "0.00"), Report.Number(floorCpu), Report.Number(meshCpu),
                Report.Number(rate.Rate), Report.Number(ratio.Rate, "0.000"),
            ]);
        }

        report.Table(
            "A connection for each request, HTTP/1.1, 8 at a time: bytes and processor time on the server, connections a second as a multiple of the floor",
            ["server", "floor B", "mesh B", "ratio", "floor CPU us", "mesh CPU us", "a second", "ratio"], rows);

        static Func<int, Task> Send(InboundContender contender) => count => Load.SendAsync(contender.Once, Call.NoContent, 8, count);

        static async Task<double> ProcessorAsync(InboundContender contender)
        {
            var before = await contender.Server.TallyAsync();
            await Load.SendAsync(contender.Once, Call.NoContent, 8, Connections);
            return ((await contender.Server.TallyAsync()).Processor - before.Processor).TotalMicroseconds / Connections;
        }
    }

    private static async Task MeasureIdleAsync(Report report, (InboundContender Floor, InboundContender Mesh)[] pairs)
    {
        var rows = new List<string[]>();
        foreach (var (floor, mesh) in pairs)
        {
            var (alone, with) = (await IdleAsync(floor), await IdleAsync(mesh));
            rows.Add(
            [
                mesh.Name, Report.Number(alone.Heap), Report.Number(with.Heap), Report.Number(alone.Resident), Report.Number(with.Resident),
                Report.Number((double)with.Resident / alone.Resident, "0.00"),
            ]);
        }

        report.Table(
            $"{Idle} connections that have had one request and are idle: bytes on the server for each",
            ["server", "floor heap", "mesh heap", "floor resident", "mesh resident", "ratio"], rows);
    }

    private static async Task<(long Heap, long Resident)> IdleAsync(InboundContender contender)
    {
        // The garbage of the other measurements, and pools that are still warm, are no part of it.
        var before = await contender.Server.SettleAsync();
        var clients = Enumerable.Range(0, Idle).Select(_ => contender.Client(once: false)).ToArray();
        try
        {
            var buffer = new byte[256];
            foreach (var client in clients)
            {
                await Call.NoContent.SendAsync(client, buffer);
            }

            var after = await contender.Server.SettleAsync();
            return ((after.Heap - before.Heap) / Idle, (after.Resident - before.Resident) / Idle);
        }
        finally
        {
            Array.ForEach(clients, static client => client.Dispose());
        }
    }

    /// <summary>The least of several stretches: what else allocates only adds.</summary>
    private static async Task<double> BytesAsync(InboundProcess server, Func<int, Task> send, int count)
    {
        await send(count);
        var least = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var before = await server.TallyAsync();
            await send(count);
            least = Math.Min(least, ((await server.TallyAsync()).Allocated - before.Allocated) / (double)count);
        }

        return least;
    }
}
