using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Testing;
using MeshSdk.Testing.Access;
using MeshSdk.Testing.Api;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>The reference case on an API server of its own: the manifests of samples/k8s, and real servers for pods, three of v1 and two of v2.</summary>
internal sealed class CanaryCluster : IAsyncDisposable
{
    public const string Namespace = "istio-test";
    public const string Account = "client";

    private const int PodPort = 5678;

    private readonly List<CanaryPod> _pods = [];

    private CanaryCluster()
    {
    }

    public EmbeddedKubernetes Api { get; private set; } = null!;

    public EmbeddedFaults Faults => Api.Faults;

    /// <summary>Null where access is not enforced.</summary>
    public RbacAuthorizer? Access { get; private set; }

    public IObjectSemantics Kinds { get; } = new ObjectSemantics();

    public TemporaryDirectory Files { get; } = new();

    /// <summary>All requests so far.</summary>
    public ConcurrentQueue<EmbeddedRequest> Requests { get; } = new();

    public string Kubeconfig => Files.At("kubeconfig");

    /// <summary>Where a pod of the account <see cref="Account"/> finds its credentials.</summary>
    public string ServiceAccount => Files.At("serviceaccount");

    public static async Task<CanaryCluster> StartAsync(TimeProvider? time = null, bool enforcesAccess = false, Action<EmbeddedKubernetesOptions>? configure = null)
    {
        var cluster = new CanaryCluster();
        cluster.Api = await EmbeddedKubernetes.StartAsync(
            options =>
            {
                options.Time = time ?? TimeProvider.System;
                options.EnforceAccess = enforcesAccess;
                options.Authorizer = api => cluster.Access = new RbacAuthorizer(api);
                options.Semantics = cluster.Kinds;
                options.OnRequest = cluster.Requests.Enqueue;
                configure?.Invoke(options);
            },
            TestContext.Current.CancellationToken);
        for (var i = 0; i < 100; i++)
        {
            // A history, as every cluster has it: versions are far beyond the number of objects.
            await cluster.Api.PatchAsync("namespaces", null, "default", $$$"""{"metadata":{"labels":{"round":"{{{i}}}"} } }""");
        }

        await cluster.ApplySamplesAsync("namespace.yaml", "backends.yaml", "httproute.yaml", "destinationrules.yaml");
        cluster.WriteCredentials();
        foreach (var (version, count) in new[] { ("v1", 3), ("v2", 2) })
        {
            for (var i = 1; i <= count; i++)
            {
                await cluster.AddPodAsync(version, $"backend-{version}-{i}");
            }
        }

        await cluster.UntilEndpointsAsync(("backend-v1", 3), ("backend-v2", 2), ("backend", 5));
        return cluster;
    }

    /// <summary>Kubeconfig and service account, as they are from now on: of the present authority, with new tokens.</summary>
    public void WriteCredentials(bool asAccount = false)
    {
        Api.WriteKubeconfig(Kubeconfig, Namespace, asAccount ? Api.CreateToken(Namespace, Account) : null);
        Api.WriteServiceAccount(ServiceAccount, Namespace, Account);
    }

    public static string Sample(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", "k8s", name));

    public async Task ApplySamplesAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await Api.ApplyAsync(Sample(name), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Takes the rules for a resource out of all Roles of a namespace.</summary>
    public void Revoke(string ns, string resource)
    {
        foreach (var role in Api.Api.List("rbac.authorization.k8s.io", "roles", ns))
        {
            var kept = role["rules"]!.AsArray().Where(rule => !rule!["resources"]!.AsArray().Any(item => (string?)item == resource));
            var changed = role.DeepClone().AsObject();
            changed["rules"] = new JsonArray([.. kept.Select(rule => rule!.DeepClone())]);
            Api.Api.Put("rbac.authorization.k8s.io", "roles", changed);
        }
    }

    /// <summary>Adds a pod whose server answers with the name of its version, or of whatever else it is.</summary>
    public async Task<CanaryPod> AddPodAsync(string version, string name)
    {
        var server = await BackendServer.StartAsync(version);
        var labels = new Dictionary<string, string> { ["app"] = "backend", ["version"] = version };
        var pod = new CanaryPod(
            await Api.AddPodAsync(Namespace, name, labels, server.Address, PodPort, ct: TestContext.Current.CancellationToken), server);
        _pods.Add(pod);
        return pod;
    }

    /// <summary>Waits for the controller, which works in its own time.</summary>
    public Task UntilEndpointsAsync(params (string Service, int Count)[] expected) => Wait.UntilAsync(() => expected.All(wanted => wanted.Count == Api.Api
        .List("discovery.k8s.io", "endpointslices", Namespace)
        .Where(slice => (string?)slice["metadata"]!["labels"]?["kubernetes.io/service-name"] == wanted.Service)
        .Sum(slice => slice["endpoints"]?.AsArray().Count ?? 0)));

    /// <summary>Sets the weights of v1 and v2, as kubectl patch does.</summary>
    public Task SplitAsync(int v1, int v2) => RouteAsync(("backend-v1", v1), ("backend-v2", v2));

    public Task RouteAsync(params (string Service, int Weight)[] backends)
    {
        var refs = string.Join(",", backends.Select(backend => string.Create(
            CultureInfo.InvariantCulture, $$"""{"name":"{{backend.Service}}","port":80,"weight":{{backend.Weight}}}""")));
        return Api.PatchAsync("HTTPRoute", Namespace, "backend-split", $$$"""{"spec":{"rules":[{"backendRefs":[{{{refs}}}]}]}}""");
    }

    /// <summary>Makes a Service for the pods of a version.</summary>
    public Task AddServiceAsync(string name, string version) => Api.ApplyAsync($$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: {{Namespace}} }
        spec:
          selector: { app: backend, version: {{version}} }
          ports: [{ name: http, port: 80, targetPort: {{PodPort}} }]
        """);

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        foreach (var pod in _pods)
        {
            await pod.DisposeAsync();
        }

        Files.Dispose();
    }
}
