using System.Globalization;
using System.Net.NetworkInformation;
using System.Text;
using MeshSdk.LoadTest.Processes;

namespace MeshSdk.LoadTest.Cluster;

/// <summary>The API server, in a process of its own: it shares neither the heap nor the garbage collector of those who are measured.</summary>
internal sealed class ClusterProcess : IDisposable
{
    private readonly ChildProcess _process;
    private readonly DirectoryInfo _directory;

    private ClusterProcess(ChildProcess process, DirectoryInfo directory, Uri address)
    {
        _process = process;
        _directory = directory;
        Address = address;
    }

    public Uri Address { get; }

    public string Kubeconfig => KubeconfigIn(_directory);

    /// <summary>A place for snapshots, which goes with the cluster.</summary>
    public string SnapshotDirectory => Path.Combine(_directory.FullName, "snapshot");

    /// <param name="bookmarkInterval">Null: every minute, as real API servers send them.</param>
    public static async Task<ClusterProcess> StartAsync(TimeSpan? bookmarkInterval = null)
    {
        var directory = Directory.CreateTempSubdirectory("mesh-load-");
        var seconds = (bookmarkInterval ?? TimeSpan.FromMinutes(1)).TotalSeconds;
        var process = ChildProcess.Start("cluster", KubeconfigIn(directory), seconds.ToString(CultureInfo.InvariantCulture));
        return new ClusterProcess(process, directory, new Uri(await process.ReadLineAsync()));
    }

    /// <summary>Applies manifests past the API; the server need not be listening.</summary>
    public Task ApplyAsync(string manifests) => RunAsync("apply", Convert.ToBase64String(Encoding.UTF8.GetBytes(manifests)));

    /// <summary>Registers a server of this machine as a pod with these labels, see <see cref="ClusterManifests"/>.</summary>
    public Task AddPodAsync(string name, string app, string version, int port) =>
        RunAsync("pod", name, app, version, port.ToString(CultureInfo.InvariantCulture));

    public Task RemovePodAsync(string name) => RunAsync("remove", name);

    /// <summary>Makes slices of ten endpoints each, of a thousand services.</summary>
    public Task AddSlicesAsync(int count) => RunAsync("slices", count.ToString(CultureInfo.InvariantCulture));

    /// <summary>The server is gone: all connections are closed, and new ones refused.</summary>
    public Task StopListeningAsync() => RunAsync("stop");

    /// <summary>The server is back when this completes.</summary>
    public Task ListenAsync() => RunAsync("start");

    /// <summary>Lets all watches that run stand still, for good.</summary>
    public Task HangRunningWatchesAsync() => RunAsync("hang");

    public async Task<int> WatchesAsync() => int.Parse(await RunAsync("watches"), CultureInfo.InvariantCulture);

    /// <summary>Connections from this process to the server.</summary>
    public int Sockets() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(connection => connection.RemoteEndPoint.Port == Address.Port && connection.State == TcpState.Established);

    public void Dispose()
    {
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<string> RunAsync(params string[] command)
    {
        await _process.WriteLineAsync(string.Join(' ', command));
        var answer = await _process.ReadLineAsync();
        return answer.StartsWith("ok ", StringComparison.Ordinal) ? answer[3..] : throw new InvalidOperationException($"{command[0]}: {answer}");
    }

    private static string KubeconfigIn(DirectoryInfo directory) => Path.Combine(directory.FullName, "kubeconfig");
}
