namespace MeshSdk;

/// <summary>Which API server the mesh follows, and how much of it. Binds to the configuration section <c>Mesh:Kubernetes</c>.</summary>
public sealed class MeshKubernetesOptions
{
    /// <summary>
    /// A kubeconfig file. Default: inside a pod the pod's own service account; elsewhere the file that the environment variable <c>KUBECONFIG</c>
    /// names, else <c>~/.kube/config</c>.
    /// </summary>
    public string? Kubeconfig { get; set; }

    /// <summary>The context of the kubeconfig file. Default: its current one.</summary>
    public string? Context { get; set; }

    /// <summary>
    /// The directory of the pod's service account, with <c>token</c>, <c>ca.crt</c> and <c>namespace</c>.
    /// Default <c>/var/run/secrets/kubernetes.io/serviceaccount</c>.
    /// </summary>
    public string ServiceAccountDirectory { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Namespaces whose services are called, beside the caller's own (<see cref="MeshOptions.Namespace"/>), which always counts. Default none.</summary>
    public IList<string> Namespaces { get; set; } = [];

    /// <summary>How much is followed. Default <see cref="MeshKubernetesScope.OnDemand"/>.</summary>
    public MeshKubernetesScope Scope { get; set; } = MeshKubernetesScope.OnDemand;

    /// <summary>Whether the pods behind endpoints are read. Default <see cref="MeshKubernetesPods.Auto"/>.</summary>
    public MeshKubernetesPods Pods { get; set; } = MeshKubernetesPods.Auto;

    /// <summary>Whether the nodes under endpoints are read. Default <see cref="MeshKubernetesNodes.Auto"/>.</summary>
    public MeshKubernetesNodes Nodes { get; set; } = MeshKubernetesNodes.Auto;

    /// <summary>How long the first call to a service waits for its configuration and endpoints. Default 2 seconds.</summary>
    public TimeSpan FirstCallTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After how long without a call a service that was loaded on demand is no longer followed. Default 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many services may be followed on demand at once; calls to further ones are answered 503. Default 500.</summary>
    public int MaxServices { get; set; } = 500;

    /// <summary>
    /// After how long without word from the API server the health check reports the mesh as degraded. An open watch is word enough: where nothing
    /// changes there is nothing to say. Default 30 seconds.
    /// </summary>
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A directory for the last good configuration, so that a process can start while the API server is away; of the process's own, made with mode 0700
    /// where it does not exist. One that is a link, belongs to another user or can be written by others is refused, and the mesh does not start.
    /// Default none: nothing is written.
    /// </summary>
    public string? SnapshotDirectory { get; set; }

    /// <summary>The age from which on a snapshot on disk is not used any more. Default 24 hours.</summary>
    public TimeSpan SnapshotMaxAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Whether ReferenceGrants are read; they are where <see cref="MeshOptions.ReferenceGrants"/> says that they count.</summary>
    internal bool FollowsGrants { get; set; }
}
