using System.Globalization;
using System.Net;
using System.Text;
using MeshSdk.Testing;

namespace MeshSdk.LoadTest.Cluster;

/// <summary>
/// The child process: an embedded API server, and what is done to it past its API. Each line of standard input is one command, and each gets one line
/// back. Text that may have line breaks comes in base64.
/// </summary>
internal sealed class ClusterServer : IAsyncDisposable
{
    private readonly EmbeddedKubernetes _cluster;
    private readonly Dictionary<string, LocalPod> _pods = [];
    private IAsyncDisposable? _outage;
    private IDisposable? _hang;

    private ClusterServer(EmbeddedKubernetes cluster) => _cluster = cluster;

    /// <param name="kubeconfig">The file that is written for the parent.</param>
    /// <param name="bookmarkInterval">How often watches are sent a bookmark.</param>
    public static async Task<int> RunAsync(string kubeconfig, TimeSpan bookmarkInterval)
    {
        await using var cluster = await EmbeddedKubernetes.StartAsync(options => options.BookmarkInterval = bookmarkInterval);
        cluster.WriteKubeconfig(kubeconfig);
        await using var server = new ClusterServer(cluster);
        Console.WriteLine(cluster.Address);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            Console.WriteLine(await server.AnswerAsync(line.Split(' ')));
        }

        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _hang?.Dispose();
        await (_outage?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task<string> AnswerAsync(string[] command)
    {
        try
        {
            return "ok " + await RunAsync(command);
        }
        catch (Exception fault)
        {
            return $"error {fault.GetType().Name}: {fault.Message.ReplaceLineEndings(" ")}";
        }
    }

    private async Task<string> RunAsync(string[] command)
    {
        switch (command)
        {
            case ["apply", var manifests]:
                await _cluster.ApplyAsync(Encoding.UTF8.GetString(Convert.FromBase64String(manifests)));
                return "";

            case ["pod", var name, var app, var version, var port]:
                Dictionary<string, string> labels = new() { ["app"] = app, ["version"] = version };
                _pods[name] = await _cluster.AddPodAsync("default", name, labels, new IPEndPoint(IPAddress.Loopback, Number(port)), containerPort: 5678);
                return "";

            case ["remove", var name]:
                await _pods[name].DisposeAsync();
                return "";

            case ["slices", var count]:
                await SliceManifests.ApplyAsync(_cluster, Number(count));
                return "";

            case ["stop"]:
                _outage = await _cluster.Faults.StopListeningAsync();
                return "";

            case ["start"]:
                await _outage!.DisposeAsync();
                return "";

            case ["hang"]:
                // Those that run, and not those that take their place: whoever notices finds a server that works.
                HashSet<EmbeddedRequest> running = new(_cluster.ActiveWatches, ReferenceEqualityComparer.Instance);
                _hang = _cluster.Faults.HangWatches(running.Contains);
                return running.Count.ToString(CultureInfo.InvariantCulture);

            case ["watches"]:
                return _cluster.ActiveWatches.Count.ToString(CultureInfo.InvariantCulture);

            default:
                throw new NotSupportedException(string.Join(' ', command));
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
