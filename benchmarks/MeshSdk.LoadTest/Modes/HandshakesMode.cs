using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Modes;

/// <summary>
/// What a new connection costs: every request makes its own. In plaintext, over mutual TLS where no session may be taken up, where one may, and where each
/// endpoint reads its own tickets alone. Whether sessions were taken up is the servers' word.
/// </summary>
internal static class HandshakesMode
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(350);

    public static async Task RunAsync(BackendProcess plain, Report report, TimeSpan duration)
    {
        // A platform keeps sessions by the certificate that was shown and the name that was asked for: each has its own, so that none gets another's.
        using var toNone = new LoadMembers(SessionTickets.None);
        using var toShared = new LoadMembers(SessionTickets.Shared);
        using var toPods = new LoadMembers(SessionTickets.OfEachPort);
        using var none = await toNone.StartBackendAsync();
        using var shared = await toShared.StartBackendAsync();
        using var pods = await toPods.StartBackendAsync();
        using var inPlaintext = await PlaintextAsync(plain);
        using var full = await SecuredCanary.MeshAsync(toNone, none, HttpProtocol.Http1, Once);
        using var resumed = await SecuredCanary.MeshAsync(toShared, shared, HttpProtocol.Http1, Once);
        using var ofPods = await SecuredCanary.MeshAsync(toPods, pods, HttpProtocol.Http1, Once);
        using var byHand = SecuredCanary.RoundRobin(toShared, shared, HttpProtocol.Http1, Once);
        Subject[] subjects =
        [
            new("plaintext", inPlaintext, null),
            new("mesh, no tickets", full, none),
            new("mesh, tickets of one process", resumed, shared),
            new("mesh, each endpoint its own tickets", ofPods, pods),
            new("by hand, tickets of one process", byHand, shared),
        ];
        var rows = new List<string[]>();
        foreach (var concurrency in (int[])[1, 16])
        {
            await MeasureAsync(subjects, concurrency, duration);
            rows.AddRange(subjects.Select(subject => subject.Row(subjects[0], concurrency)));
        }

        report.Table(
            "A connection for each request, HTTP/1.1",
            ["connections", "a second", "of plaintext", "client CPU us", "of plaintext", "server CPU us", "resumed", "bytes from server"], rows);
        report.Promise(subjects[2].ResumedShare > 0.9, $"sessions are taken up with one process in {subjects[2].ResumedShare:P0} of handshakes");
        report.Promise(subjects[1].ResumedShare == 0, "a server that gives no tickets has sessions taken up");
    }

    private static async Task MeasureAsync(Subject[] subjects, int concurrency, TimeSpan duration)
    {
        foreach (var subject in subjects)
        {
            await Load.RunAsync(subject.Contender, Call.NoContent, concurrency, Window);
            subject.Clear();
        }

        // In turn, so that whatever else happens on the machine happens to all.
        var rounds = Math.Max(3, (int)(duration / (Window * subjects.Length)));
        for (var i = 0; i < rounds; i++)
        {
            foreach (var subject in subjects)
            {
                await subject.MeasureAsync(concurrency);
            }
        }
    }

    private static async Task<Contender> PlaintextAsync(BackendProcess backend)
    {
        var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = Canary.Source(backend, HttpProtocol.Http1), ConfigureTransport = Once });
        return new Contender("mesh, plaintext", new HttpMessageInvoker(mesh.CreateHandler()), Canary.Address, mesh);
    }

    private static void Once(SocketsHttpHandler handler) => handler.PooledConnectionLifetime = TimeSpan.Zero;

    /// <summary>One way to make connections, and what came of it.</summary>
    private sealed class Subject(string name, Contender contender, BackendProcess? backend)
    {
        private static readonly HandshakeTally None = new(0, 0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero);

        private readonly List<Window> _windows = [];
        private HandshakeTally _sum = None;

        public Contender Contender => contender;

        public double ResumedShare => (double)_sum.Resumed / _sum.Handshakes;

        public void Clear()
        {
            _windows.Clear();
            _sum = None;
        }

        public async Task MeasureAsync(int concurrency)
        {
            var before = backend is null ? null : await backend.TallyAsync();
            _windows.Add(await Load.RunAsync(contender, Call.NoContent, concurrency, Window));
            if (backend is not null)
            {
                var part = (await backend.TallyAsync()).Since(before!);
                _sum = new HandshakeTally(
                    _sum.Handshakes + part.Handshakes, _sum.Resumed + part.Resumed, _sum.Bytes + part.Bytes, 0, 0, TimeSpan.Zero, _sum.Processor + part.Processor);
            }
        }

        public string[] Row(Subject plaintext, int concurrency) =>
        [
            $"{name}, {concurrency} at a time",
            Report.Number(Median(_windows.Select(static w => w.Rate))),
            Report.Number(Median(_windows.Zip(plaintext._windows, static (one, other) => one.Rate / other.Rate)), "0.00"),
            Report.Number(Median(_windows.Select(static w => w.Cpu))),
            Report.Number(Median(_windows.Zip(plaintext._windows, static (one, other) => one.Cpu / other.Cpu)), "0.0"),
            backend is null ? "" : Report.Number(_sum.Processor.TotalMicroseconds / _sum.Handshakes),
            backend is null ? "" : $"{Report.Number(100 * ResumedShare, "0.0")} %",
            backend is null ? "" : Report.Number((double)_sum.Bytes / _sum.Handshakes),
        ];

        private static double Median(IEnumerable<double> values)
        {
            double[] sorted = [.. values.Order()];
            return sorted[sorted.Length / 2];
        }
    }
}
