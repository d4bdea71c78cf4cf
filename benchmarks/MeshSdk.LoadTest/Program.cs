using System.Globalization;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.LoadTest.Modes;

string[] modes = ["bytes", "throughput", "peers", "churn", "split", "shift"];
if (args is ["server", var ports])
{
    return await BackendServer.RunAsync(int.Parse(ports, CultureInfo.InvariantCulture));
}

var (mode, seconds) = args switch
{
    [] => ("all", 10),
    [var m] => (m, 10),
    [var m, "--seconds", var s] when int.TryParse(s, CultureInfo.InvariantCulture, out var n) && n > 0 => (m, n),
    _ => ("", 0),
};
if (mode != "all" && !modes.Contains(mode))
{
    Console.Error.WriteLine($"usage: MeshSdk.LoadTest [{string.Join('|', modes)}|all] [--seconds S]");
    return 2;
}

var duration = TimeSpan.FromSeconds(seconds);
var report = new Report();
using var backend = await BackendProcess.StartAsync(ports: 8);
foreach (var each in mode == "all" ? modes : [mode])
{
    await (each switch
    {
        "bytes" => BytesMode.RunAsync(backend, report),
        "throughput" => ThroughputMode.RunAsync(backend, report, duration),
        "peers" => PeersMode.RunAsync(backend, report, duration),
        "churn" => ChurnMode.RunAsync(backend, report, duration),
        "split" => SplitMode.RunAsync(backend, report),
        _ => ShiftMode.RunAsync(backend, report, duration),
    });
}

report.Summary();
return report.Kept ? 0 : 1;
