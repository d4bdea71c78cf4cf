using System.Net;
using MeshSdk.Testing;
using MeshSdk.Tool.Tests.Curl;

namespace MeshSdk.Tool.Tests.Live;

/// <summary>The sample of samples/k8s on an API server, with three servers of version 1 and two of version 2 as its pods.</summary>
internal sealed class LiveCanary : IAsyncDisposable
{
    public const string Namespace = "istio-test";

    private static readonly string[] Manifests = ["namespace", "backends", "httproute", "destinationrules", "rbac", "client"];

    private readonly List<StubServer> _servers = [];
    private readonly ManifestDirectory _directory = new();

    private LiveCanary(EmbeddedKubernetes cluster) => Cluster = cluster;

    public EmbeddedKubernetes Cluster { get; }

    /// <summary>A kubeconfig of the administrator, whose namespace is that of the sample.</summary>
    public string Kubeconfig => Path.Combine(_directory.Path, "admin");

    public string Directory => _directory.Path;

    public static async Task<LiveCanary> StartAsync(Action<EmbeddedKubernetesOptions>? configure = null)
    {
        var canary = new LiveCanary(await EmbeddedKubernetes.StartAsync(configure, TestContext.Current.CancellationToken));
        canary.Cluster.WriteKubeconfig(canary.Kubeconfig, Namespace);
        await canary.Cluster.ApplyAsync("{ apiVersion: v1, kind: Namespace, metadata: { name: istio-system } }");
        foreach (var name in Manifests)
        {
            await canary.Cluster.ApplyAsync(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "k8s", $"{name}.yaml")));
        }

        foreach (var (name, version) in new[] { ("a", "v1"), ("b", "v1"), ("c", "v1"), ("d", "v2"), ("e", "v2") })
        {
            var server = await StubServer.SayAsync($"hello from backend {version}\n");
            canary._servers.Add(server);
            await canary.Cluster.AddPodAsync(
                Namespace,
                $"backend-{name}",
                new Dictionary<string, string> { ["app"] = "backend", ["version"] = version },
                new IPEndPoint(IPAddress.Loopback, server.Port),
                containerPort: 5678);
        }

        // The slices are the work of a controller, which takes its own time, Service by Service: five of backend itself, and as many of both versions.
        await canary.UntilAsync(static endpoints => endpoints.Count(static e => e.StartsWith("backend", StringComparison.Ordinal)) == 10);
        return canary;
    }

    /// <summary>A kubeconfig for a service account of the sample's namespace.</summary>
    public string KubeconfigOf(string serviceAccount, string? ns = Namespace)
    {
        var path = Path.Combine(_directory.Path, serviceAccount);
        Cluster.WriteKubeconfig(path, ns, Cluster.CreateToken(Namespace, serviceAccount));
        return path;
    }

    public Task<ToolRun> RunAsync(params string[] args) => ToolRun.Of([.. args, "--kubeconfig", Kubeconfig]);

    public Task WeighAsync(int v1, int v2) => Cluster.PatchAsync(
        "HTTPRoute",
        Namespace,
        "backend-split",
        $$"""
        { "spec": { "rules": [ { "backendRefs": [
          { "name": "backend-v1", "port": 80, "weight": {{v1}} }, { "name": "backend-v2", "port": 80, "weight": {{v2}} } ] } ] } }
        """);

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _directory.Dispose();
    }

    private async Task UntilAsync(Func<string[], bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds((await RunAsync("get", "endpoints")).Out.Split('\n')))
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
