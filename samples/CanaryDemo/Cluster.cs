using MeshSdk.Testing;

namespace CanaryDemo;

/// <summary>
/// The cluster of the demo: an API server in this process, with the manifests of <c>mesh/</c> applied and the backends registered as pods. The
/// EndpointSlices are its own, made from Services and pods as in any cluster.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string Namespace = "istio-test";

    // As one would apply them: the namespace before what is in it.
    private static readonly string[] Files = ["namespace.yaml", "serviceaccounts.yaml", "services.yaml", "destinationrules.yaml", "httproute.yaml"];

    private readonly EmbeddedKubernetes _server;
    private readonly string _folder = Directory.CreateTempSubdirectory("canary-demo-").FullName;

    private Cluster(EmbeddedKubernetes server) => _server = server;

    public Uri Address => _server.Address;

    /// <summary>The kubeconfig that the mesh connects by.</summary>
    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    public static async Task<Cluster> StartAsync(IReadOnlyList<Pod> pods, CancellationToken cancellationToken)
    {
        var cluster = new Cluster(await EmbeddedKubernetes.StartAsync(cancellationToken: cancellationToken));
        try
        {
            foreach (var file in Files)
            {
                var manifest = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "mesh", file), cancellationToken);
                await cluster._server.ApplyAsync(manifest, cancellationToken);
            }

            foreach (var version in pods.GroupBy(pod => pod.Version))
            {
                foreach (var (number, pod) in version.Index())
                {
                    await cluster.RegisterAsync(number + 1, pod, cancellationToken);
                }
            }

            cluster.WriteKubeconfig(cluster.Kubeconfig);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public void WriteKubeconfig(string path) => _server.WriteKubeconfig(path, Namespace);

    /// <summary>A client of the API, as the administrator.</summary>
    public HttpClient CreateClient() => _server.CreateClient();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // A Deployment would have started the pod, and called it by a longer name. The label says that it answers Istio's mutual TLS; the injector of a sidecar
    // sets it, and whoever answers without one sets it himself.
    private Task<LocalPod> RegisterAsync(int number, Pod pod, CancellationToken cancellationToken) => _server.AddPodAsync(
        Namespace,
        $"backend-{pod.Version}-{number}",
        new Dictionary<string, string> { ["app"] = "backend", ["version"] = pod.Version, ["security.istio.io/tlsMode"] = "istio" },
        pod.Address,
        Pod.ContainerPort,
        options =>
        {
            options.Workload = $"backend-{pod.Version}";
            options.ServiceAccountName = pod.Account;
        },
        cancellationToken);
}
