using System.Globalization;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Cluster;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.LoadTest.Modes;

string[] memoryModes = ["bytes", "armed", "throughput", "peers", "churn", "split", "shift", "mtls", "handshakes", "rotation", "server", "grpc", "grpc-peer"];
string[] clusterModes = ["kube-shift", "kube-list", "kube-demand", "kube-hang", "kube-outage"];
switch (args)
{
    case ["server", var ports]:
        return await BackendServer.RunAsync(int.Parse(ports, CultureInfo.InvariantCulture));
    case ["secured", var ports, var directory, var tickets]:
        return await SecuredServer.RunAsync(int.Parse(ports, CultureInfo.InvariantCulture), directory, Enum.Parse<SessionTickets>(tickets));
    case ["inbound", var kind, var directory]:
        return await InboundServer.RunAsync(Enum.Parse<InboundKind>(kind), directory);
    case ["grpc-server", var ports]:
        return await GrpcServer.RunAsync(int.Parse(ports, CultureInfo.InvariantCulture), directory: null);
    case ["grpc-server", var ports, var directory]:
        return await GrpcServer.RunAsync(int.Parse(ports, CultureInfo.InvariantCulture), directory);
    case ["cluster", var kubeconfig, var bookmarks]:
        return await ClusterServer.RunAsync(kubeconfig, TimeSpan.FromSeconds(double.Parse(bookmarks, CultureInfo.InvariantCulture)));
}

var (mode, stated) = args switch
{
    [] => ("all", 0),
    [var m] => (m, 0),
    [var m, "--quick"] => (m, 2),
    [var m, "--seconds", var s] when int.TryParse(s, CultureInfo.InvariantCulture, out var n) && n > 0 => (m, n),
    _ => ("", 0),
};
var modes = mode switch
{
    "all" => memoryModes,
    "kube-all" => clusterModes,
    _ => memoryModes.Concat(clusterModes).Where(known => known == mode).ToArray(),
};
if (modes.Length == 0)
{
    Console.Error.WriteLine($"usage: MeshSdk.LoadTest [{string.Join('|', memoryModes.Concat(clusterModes))}|all|kube-all] [--seconds S | --quick]");
    return 2;
}

var duration = TimeSpan.FromSeconds(stated > 0 ? stated : 10);
var outage = TimeSpan.FromSeconds(stated > 0 ? stated : 60);
var soak = TimeSpan.FromSeconds(stated > 0 ? stated : mode == "rotation" ? 120 : 20);
var isQuick = args is [_, "--quick"];
var report = new Report();
using var backend = await BackendProcess.StartAsync(ports: 8);
foreach (var each in modes)
{
    try
    {
        await RunAsync(each);
    }
    catch (Exception fault)
    {
        // The other modes still have something to say.
        Console.Error.WriteLine(fault);
        report.Promise(kept: false, $"{each} did not come to its end: {fault.Message}");
    }
}

report.Summary();
return report.Kept ? 0 : 1;

Task RunAsync(string each) => each switch
{
    "bytes" => BytesMode.RunAsync(backend, report),
    "armed" => BytesMode.RunArmedAsync(backend, report),
    "throughput" => ThroughputMode.RunAsync(backend, report, duration),
    "peers" => PeersMode.RunAsync(backend, report, duration),
    "churn" => ChurnMode.RunAsync(backend, report, duration),
    "split" => SplitMode.RunAsync(backend, report),
    "mtls" => MtlsMode.RunAsync(report, duration),
    "handshakes" => HandshakesMode.RunAsync(backend, report, duration),
    "server" => ServerMode.RunAsync(report, duration),
    "grpc" => GrpcMode.RunAsync(report, duration, isQuick),
    "grpc-peer" => GrpcPeerMode.RunAsync(report, duration),
    "rotation" => RotationMode.RunAsync(report, soak),
    "kube-shift" => KubeShiftMode.RunAsync(backend, report),
    "kube-list" => KubeListMode.RunAsync(report),
    "kube-demand" => KubeDemandMode.RunAsync(backend, report),
    "kube-hang" => KubeHangMode.RunAsync(backend, report),
    "kube-outage" => KubeOutageMode.RunAsync(backend, report, outage),
    _ => ShiftMode.RunAsync(backend, report, duration),
};
