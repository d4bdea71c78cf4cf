using GrpcCanary.Server;
using MeshSdk.Testing;

namespace GrpcCanary;

/// <summary>
/// The cluster of the demo: an API server in this process, with manifests applied and the servers registered as pods. The EndpointSlices are its own, made
/// from Services and pods as in any cluster.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string Namespace = "istio-test";

    // What the manifests call targetPort. The servers themselves listen wherever there was a free port.
    private const int ContainerPort = 7070;

    // As one would apply them: the namespace before what is in it.
    private static readonly string[] Files = ["namespace", "serviceaccounts", "services", "destinationrules", "grpcroute"];

    private readonly EmbeddedKubernetes _server;
    private readonly string _folder = Directory.CreateTempSubdirectory("grpc-canary-").FullName;

    private Cluster(EmbeddedKubernetes server) => _server = server;

    public Uri Address => _server.Address;

    /// <summary>The kubeconfig that client and servers connect by.</summary>
    public string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    public static async Task<Cluster> StartAsync(CancellationToken cancellationToken)
    {
        var cluster = new Cluster(await EmbeddedKubernetes.StartAsync(cancellationToken: cancellationToken));
        try
        {
            foreach (var file in Files)
            {
                var path = Path.Combine(AppContext.BaseDirectory, "mesh", $"{file}.yaml");
                await cluster._server.ApplyAsync(await File.ReadAllTextAsync(path, cancellationToken), cancellationToken);
            }

            cluster._server.WriteKubeconfig(cluster.Kubeconfig, Namespace);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers a server as the pod that a Deployment would have started.</summary>
    public Task RegisterAsync(GreeterPod pod, CancellationToken cancellationToken)
    {
        var labels = new Dictionary<string, string>
        {
            ["app"] = "backend",
            ["version"] = pod.Version,

            // Says that it answers Istio's mutual TLS: the injector of a sidecar sets that one, and whoever answers without one sets it himself.
            ["security.istio.io/tlsMode"] = "istio",
        };
        return _server.AddPodAsync(
            Namespace,
            pod.Name,
            labels,
            pod.Address,
            ContainerPort,
            options =>
            {
                options.Workload = pod.Account;
                options.ServiceAccountName = pod.Account;
            },
            cancellationToken);
    }

    /// <summary>A client of the API, as the administrator.</summary>
    public HttpClient CreateClient() => _server.CreateClient();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
