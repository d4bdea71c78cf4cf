using MeshSdk.Conformance.Cluster;
using MeshSdk.Conformance.Echo;

[assembly: AssemblyFixture(typeof(EchoPods))]

namespace MeshSdk.Conformance.Cluster;

/// <summary>The servers that are the pods of all clusters of this run. What they note is told apart by the calls' own identifiers.</summary>
public sealed class EchoPods : IAsyncLifetime
{
    private static readonly int[] Ports = [8080, 7070, 9090, EchoCertificates.Port];

    private static readonly (string Namespace, string App, string Version)[] Pods =
    [
        (Names.Mesh, "echo", "v1"), (Names.Mesh, "echo", "v2"), (Names.Consumer, "echo", "v1"),
        (Names.Infra, "infra-backend", "v1"), (Names.Infra, "infra-backend", "v2"), (Names.Infra, "infra-backend", "v3"),
        (Names.App, "app-backend", "v1"), (Names.App, "app-backend", "v2"), (Names.Web, "web-backend", "v1"),
    ];

    private readonly List<EchoServer> _servers = [];
    private readonly EchoCertificates _certificates = new();

    internal IReadOnlyList<EchoServer> Servers => _servers;

    internal EchoCertificates Certificates => _certificates;

    /// <summary>The labels of the pod, as its Deployment gives them.</summary>
    internal static IReadOnlyDictionary<string, string> Labels(EchoIdentity pod) => new Dictionary<string, string>
    {
        ["app"] = pod.Pod[..pod.Pod.LastIndexOf("-v", StringComparison.Ordinal)],
        ["version"] = pod.Version,
    };

    internal EchoServer Server(string ns, string workload) =>
        _servers.Single(server => server.Identity.Namespace == ns && server.Identity.Pod.StartsWith(workload + "-", StringComparison.Ordinal));

    /// <summary>What a pod has received of a call; more than one request where it was repeated.</summary>
    internal IReadOnlyList<EchoRequest> Received(string call, string ns, string workload) => Server(ns, workload).Log.Of(call);

    public async ValueTask InitializeAsync()
    {
        foreach (var (ns, app, version) in Pods)
        {
            _servers.Add(await EchoServer.StartLocalAsync(
                new EchoIdentity($"{app}-{version}-0", ns, version), Ports, _certificates.ByPort, TestContext.Current.CancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _certificates.Dispose();
    }
}
