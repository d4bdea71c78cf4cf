using System.Diagnostics;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Modes;

/// <summary>
/// Certificates that live five seconds and are replaced every two, on both sides, under a steady load of POSTs, which nothing sends a second time: no request
/// fails, and connections show the new certificates.
/// </summary>
internal static class RotationMode
{
    private const int RequestsPerSecond = 300;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Report report, TimeSpan duration)
    {
        var rows = new List<string[]>();
        foreach (var protocol in Enum.GetValues<HttpProtocol>())
        {
            using var members = new LoadMembers(SessionTickets.Shared);
            using var backend = await members.StartBackendAsync();

            // Handshakes are dear: where the machine stands still for a second, so many requests that wait must not become as many connections.
            await using var mesh = await SecuredCanary.StartAsync(members, backend, protocol, static handler => handler.MaxConnectionsPerServer = 8);
            using var client = mesh.CreateClient();
            await WarmUpAsync(client);
            members.Renew(Lifetime);
            await backend.ReloadAsync();
            var load = new OpenLoop(client, new Uri($"{Canary.Address}/port"), RequestsPerSecond, HttpMethod.Post);
            var (rotations, slowest) = await RotateAsync(members, backend, duration);
            var answers = await load.StopAsync();
            var tally = await backend.TallyAsync();
            var failures = Report.Failures($"rotation, {protocol}", answers);

            // The last certificate of each side may not have been needed.
            var keepsUp = tally.Serials >= rotations && tally.ServerSerials >= rotations;
            rows.Add([$"{protocol}", $"{answers.Length}", $"{failures}", $"{rotations}", Report.Number(slowest.TotalSeconds, "0.0"), $"{tally.Serials}", $"{tally.ServerSerials}", $"{tally.Handshakes}", $"{tally.Resumed}",
                Report.Number(tally.LeastLeft.TotalSeconds, "0.0"),
                report.Promise(failures == 0, $"rotation, {protocol}: {failures} of {answers.Length} requests failed"),
                report.Promise(keepsUp, $"rotation, {protocol}: {tally.Serials} and {tally.ServerSerials} certificates were seen in {rotations} rotations")]);
        }

        report.Table(
            $"Certificates of {Lifetime.TotalSeconds} s, replaced every {Interval.TotalSeconds} s for {duration.TotalSeconds} s under {RequestsPerSecond} POSTs a second",
            ["protocol", "requests", "failed", "rotations", "slowest, s", "serials of the client", "of the servers", "handshakes", "resumed", "least left, s", "", ""], rows);
    }

    // The code of a first handshake has to be compiled, which a load that waits for nothing would answer with hundreds of others. Certificates are good for a
    // day so far, and connections for an hour: that they no longer are is then the first thing that changes.
    private static async Task WarmUpAsync(HttpClient client)
    {
        for (var i = 0; i < 20; i++)
        {
            await client.GetStringAsync(new Uri($"{Canary.Address}/port"));
        }
    }

    /// <returns>How often, and how long it took from one to the next at most: where that is more than they live, it is the machine that fails requests.</returns>
    private static async Task<(int Rotations, TimeSpan Slowest)> RotateAsync(LoadMembers members, BackendProcess backend, TimeSpan duration)
    {
        var rotations = 0;
        var slowest = TimeSpan.Zero;
        var last = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        while (rotations < duration / Interval && await timer.WaitForNextTickAsync())
        {
            members.Renew(Lifetime);
            await backend.ReloadAsync();
            rotations++;
            var now = Stopwatch.GetTimestamp();
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(last, now).Ticks));
            last = now;
        }

        return (rotations, slowest);
    }
}
