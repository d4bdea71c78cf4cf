using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Measuring;

namespace MeshSdk.LoadTest.Processes;

/// <summary>grpc-js-xds and its control plane, each in a process of its own, over packages that are installed into a folder for as long as they are needed.</summary>
internal sealed class NodePeer : IDisposable
{
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "peers", "node");

    private readonly DirectoryInfo _directory;
    private readonly List<ChildProcess> _processes = [];
    private ChildProcess _client = null!;

    private NodePeer(DirectoryInfo directory) => _directory = directory;

    /// <returns>Null where there is no Node, or where its packages cannot be had: says so, for that breaks no promise.</returns>
    public static async Task<NodePeer?> StartAsync(GrpcBackend backend)
    {
        var peer = new NodePeer(Directory.CreateTempSubdirectory("mesh-load-node-"));
        try
        {
            if (await RunAsync("node", peer._directory, "--version") is not { } version)
            {
                return peer.Skip("no node");
            }

            foreach (var script in Directory.GetFiles(Scripts))
            {
                File.Copy(script, Path.Combine(peer._directory.FullName, Path.GetFileName(script)));
            }

            if (await RunAsync("npm", peer._directory, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error") is null)
            {
                return peer.Skip("npm cannot install the peer's packages");
            }

            await peer.StartAsync(backend.All, backend.V1, backend.V2);
            Console.WriteLine($"grpc-js-xds on Node {version.Trim()}");
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    /// <summary>One way to call as a multiple of another, as <see cref="Load.RatioAsync(Func{Loop}, Func{Loop}, int, TimeSpan)"/> has it.</summary>
    public async Task<Window> RatioAsync(string a, string b, int concurrency, TimeSpan duration)
    {
        var ratio = await AskAsync(NodeJson.Default.NodeRatio, "ratio", a, b, concurrency, duration.TotalSeconds);
        return new Window(ratio.Rate, ratio.Cpu);
    }

    /// <summary>Who answers how many calls.</summary>
    public async Task<IReadOnlyDictionary<int, int>> CountAsync(string command, string client, int calls) =>
        await AskAsync(NodeJson.Default.DictionaryInt32Int32, command, client, calls);

    /// <summary>Who answers, over a stretch of time.</summary>
    public async Task<IReadOnlyList<CallAnswer>> WatchAsync(string client, int seconds, int rate) =>
        await AskAsync(NodeJson.Default.CallAnswerArray, "watch", client, seconds, rate);

    public void Dispose()
    {
        _processes.ForEach(static process => process.Dispose());
        _directory.Delete(recursive: true);
    }

    private async Task<T> AskAsync<T>(System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, params object[] words)
    {
        await _client.WriteLineAsync(string.Join(' ', words.Select(static word => Convert.ToString(word, CultureInfo.InvariantCulture))));
        return JsonSerializer.Deserialize(await _client.ReadLineAsync(), type)!;
    }

    private NodePeer? Skip(string reason)
    {
        Dispose();
        Console.WriteLine();
        Console.WriteLine($"grpc-js-xds: skipped: {reason}");
        return null;
    }

    private async Task StartAsync(IPEndPoint[] all, IPEndPoint[] v1, IPEndPoint[] v2)
    {
        var plane = StartNode(null, "control-plane.js", Ports(v1), Ports(v2));
        var bootstrap =
            $$"""
            {"xds_servers": [{"server_uri": "127.0.0.1:{{await plane.ReadLineAsync()}}", "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}],
             "node": {"id": "load-test", "locality": {} } }
            """;
        _client = StartNode(bootstrap, "client.js", "load.proto", Ports(all));
        await _client.ReadLineAsync();

        static string Ports(IPEndPoint[] endpoints) => string.Join(',', endpoints.Select(static e => e.Port.ToString(CultureInfo.InvariantCulture)));
    }

    private ChildProcess StartNode(string? bootstrap, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = _directory.FullName };
        if (bootstrap is not null)
        {
            start.Environment["GRPC_XDS_BOOTSTRAP_CONFIG"] = bootstrap;
        }

        var process = ChildProcess.Start(start);
        _processes.Add(process);
        return process;
    }

    /// <returns>What the program says; null where there is none, or it fails.</returns>
    private static async Task<string?> RunAsync(string program, DirectoryInfo directory, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory.FullName, RedirectStandardOutput = true })!;
            var text = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? text : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>What became of a call.</summary>
/// <param name="At">Seconds after the first one.</param>
/// <param name="Port">Who answered; 0 for a call that failed.</param>
internal sealed record CallAnswer(double At, int Port);

internal sealed record NodeRatio(double Rate, double Cpu);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(NodeRatio))]
[JsonSerializable(typeof(Dictionary<int, int>))]
[JsonSerializable(typeof(CallAnswer[]))]
internal sealed partial class NodeJson : JsonSerializerContext;
