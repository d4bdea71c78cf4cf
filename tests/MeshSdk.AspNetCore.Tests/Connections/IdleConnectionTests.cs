using System.Diagnostics;
using System.Globalization;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>Connections that are opened and left so, as many as there may be: each costs little, and no longer than its time.</summary>
[Collection(nameof(IdleConnectionTests))]
public sealed class IdleConnectionTests(ITestOutputHelper output) : IDisposable
{
    // Of the managed heap, for the socket, Kestrel's connection and ours together. A buffer alone would be 4 KiB more.
    private const int MostBytes = 8 * 1024;

    private readonly Authorities _authorities = new();

    public void Dispose() => _authorities.Dispose();

    [Fact]
    public async Task Hundreds_of_silent_connections_are_cheap_and_end_in_time()
    {
        const int Count = 500;
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(time);
        await WarmUpAsync(server);
        var callers = new List<Caller>(Count);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        try
        {
            for (var i = 0; i < Count; i++)
            {
                callers.Add(await Caller.PlainAsync(server.EndPoint));
            }

            await SilentAsync(server, Count);

            // Both ends are in this process.
            Report(server, Count, before, 2 * MostBytes);

            time.Advance(TimeSpan.FromSeconds(11));
            await GoneAsync(server);
        }
        finally
        {
            foreach (var caller in callers)
            {
                await caller.DisposeAsync();
            }
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Ten_thousand_silent_connections_are_cheap_and_end_in_time()
    {
        const int Count = 10_000;
        Assert.SkipUnless(MostFiles() >= Count + 1000, "this process may not open that many files");
        var node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(static directory => Path.Combine(directory, "node")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(node is null, "node is not installed, which holds the other ends");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(time);
        await WarmUpAsync(server);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var script = $$"""
            const net = require('net');
            let open = 0;
            function next() {
              const socket = net.connect({{server.EndPoint.Port}}, '127.0.0.1', () => { if (++open < {{Count}}) next(); });
              socket.on('error', () => {});
            }
            next();
            process.stdin.resume();
            process.stdin.on('end', () => process.exit(0));
            """;
        using var process = Process.Start(new ProcessStartInfo(node, ["-e", script]) { RedirectStandardInput = true })!;
        try
        {
            await SilentAsync(server, Count);
            Report(server, Count, before, MostBytes);

            time.Advance(TimeSpan.FromSeconds(11));
            await GoneAsync(server);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        await using var next = await Caller.PlainAsync(server.EndPoint);
        Assert.NotNull(await next.GetAsync());
    }

    private Task<Server> StartAsync(TimeProvider time) => Server.StartAsync(new ServerSetup
    {
        Identity = _authorities.Server(_authorities.Root),
        Time = time,
        Level = Microsoft.Extensions.Logging.LogLevel.Warning,
    });

    // What is made once is no part of the price.
    private static async Task WarmUpAsync(Server server)
    {
        for (var i = 0; i < 20; i++)
        {
            await using var caller = await Caller.PlainAsync(server.EndPoint);
            Assert.NotNull(await caller.GetAsync());
        }

        await GoneAsync(server);
    }

    private void Report(Server server, int count, long before, int most)
    {
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} silent connections: {each} bytes each on the managed heap"));
        Assert.Equal(count, server.Mesh.Connections.Count);
        Assert.InRange(each, 0, most);
    }

    private static Task<int> SilentAsync(Server server, int count) => Eventually.HoldsAsync(
        () => server.Mesh.Connections.Where(static (one, _) => one.Phase == ConnectionPhase.Silent, 0).Count, held => held == count, "silent connections");

    private static Task<int> GoneAsync(Server server) => Eventually.HoldsAsync(() => server.Mesh.Connections.Count, static count => count == 0, "no connections");

    private static long MostFiles()
    {
        const string Limits = "/proc/self/limits";
        return !File.Exists(Limits)
            ? 0
            : File.ReadLines(Limits)
                .Where(static line => line.StartsWith("Max open files", StringComparison.Ordinal))
                .Select(static line => line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0])
                .Select(static text => text == "unlimited" ? long.MaxValue : long.Parse(text, CultureInfo.InvariantCulture))
                .FirstOrDefault();
    }
}

/// <summary>Memory is that of the process: nothing else is measured beside.</summary>
[CollectionDefinition(nameof(IdleConnectionTests), DisableParallelization = true)]
public sealed class IdleConnections;
