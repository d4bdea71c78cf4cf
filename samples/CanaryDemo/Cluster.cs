using MeshSdk.Testing;

namespace CanaryDemo;

/// <summary>
/// The cluster of the demo: an API server in this process, with manifests applied and the backends registered as pods. The EndpointSlices are its own, made
/// from Services and pods as in any cluster.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string Namespace = "istio-test";

    private const string TlsMode = "security.istio.io/tlsMode";

    // As one would apply them: the namespace before what is in it.
    private static readonly string[] Files = ["mesh/namespace.yaml", "mesh/serviceaccounts.yaml", "mesh/services.yaml", "mesh/httproute.yaml"];

    private readonly EmbeddedKubernetes _server;
    private readonly string _folder = Directory.CreateTempSubdirectory("canary-demo-").FullName;

    private Cluster(EmbeddedKubernetes server) => _server = server;

    public Uri Address => _server.Address;

    /// <summary>The kubeconfig that clients and servers of the mesh connect by.</summary>
    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    /// <param name="policies">What is applied beside Services and route.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<Cluster> StartAsync(IReadOnlyList<string> policies, CancellationToken cancellationToken)
    {
        var cluster = new Cluster(await EmbeddedKubernetes.StartAsync(cancellationToken: cancellationToken));
        try
        {
            foreach (var file in Files.Concat(policies))
            {
                await cluster.ApplyAsync(file, cancellationToken);
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

    /// <summary>Applies a manifest that comes with the demo, as kubectl does.</summary>
    public async Task ApplyAsync(string file, CancellationToken cancellationToken) =>
        await _server.ApplyAsync(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, file), cancellationToken), cancellationToken);

    /// <summary>Registers a backend as the pod that a Deployment would have started.</summary>
    /// <param name="pod">Which one.</param>
    /// <param name="answersTls">
    /// Whether its labels say that it answers Istio's mutual TLS: the injector of a sidecar sets that one, and whoever answers without one sets it himself.
    /// </param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task RegisterAsync(Pod pod, bool answersTls, CancellationToken cancellationToken)
    {
        var labels = new Dictionary<string, string> { ["app"] = "backend", ["version"] = pod.Version };
        if (answersTls)
        {
            labels[TlsMode] = "istio";
        }

        await _server.AddPodAsync(
            Namespace,
            pod.Name,
            labels,
            pod.Address,
            Pod.ContainerPort,
            options =>
            {
                options.Workload = pod.Account;
                options.ServiceAccountName = pod.Account;
            },
            cancellationToken);
    }

    /// <summary>Has the labels of a pod say that it answers Istio's mutual TLS from now on.</summary>
    public Task LabelAsync(Pod pod, CancellationToken cancellationToken) =>
        _server.PatchAsync("Pod", Namespace, pod.Name, $$"""{ "metadata": { "labels": { "{{TlsMode}}": "istio" } } }""", cancellationToken);

    public void WriteKubeconfig(string path) => _server.WriteKubeconfig(path, Namespace);

    /// <summary>A client of the API, as the administrator.</summary>
    public HttpClient CreateClient() => _server.CreateClient();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
