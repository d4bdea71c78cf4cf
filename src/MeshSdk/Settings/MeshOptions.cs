namespace MeshSdk;

/// <summary>
/// How this process takes part in the mesh. Binds to the configuration section <c>Mesh</c>.
/// What the mesh <em>does</em> with requests is not set here: that is what routes and destination rules in the cluster are for.
/// </summary>
public sealed class MeshOptions
{
    /// <summary>False makes every call pass through, as if the mesh had never been added: the switch to throw at 3 a.m. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The caller's namespace: short names resolve in it, and consumer routes of it apply.
    /// Default: the namespace of the pod's service account, else <c>default</c>.
    /// </summary>
    public string? Namespace { get; set; }

    /// <summary>The caller's pod labels, which a destination rule's <c>workloadSelector</c> looks at. Default none.</summary>
    public IDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The caller's locality as <c>region/zone/subzone</c>; later parts may be left out. Default: none, and no preference.</summary>
    public string? Locality { get; set; }

    /// <summary>The DNS domain of the cluster. Default <c>cluster.local</c>.</summary>
    public string ClusterDomain { get; set; } = "cluster.local";

    /// <summary>The SPIFFE trust domain of the mesh. Default <c>cluster.local</c>.</summary>
    public string TrustDomain { get; set; } = "cluster.local";

    /// <summary>The namespace of mesh-wide policies. Default <c>istio-system</c>.</summary>
    public string RootNamespace { get; set; } = "istio-system";

    /// <summary>
    /// Files and directories (taken recursively) of manifests, YAML or JSON, watched for changes. Where two hold the same object the later
    /// one in this list wins. Relative paths start at the host's content root; without a host, at the process's current directory.
    /// </summary>
    public IList<string> Manifests { get; set; } = [];

    /// <summary>Objects that the application itself provides, beside <see cref="Manifests"/>. Default none.</summary>
    public InMemorySource? InMemory { get; set; }

    /// <summary>What happens until the configuration has arrived.</summary>
    public MeshStartupOptions Startup { get; set; } = new();

    /// <summary>Whether the TLS that policies ask for is kept to. Default <see cref="MeshSecurity.On"/>.</summary>
    public MeshSecurity Security { get; set; } = MeshSecurity.On;

    /// <summary>Where calls to names go that look like the cluster's own and that no service has. Default <see cref="MeshOutbound.AllowAny"/>.</summary>
    public MeshOutbound Outbound { get; set; } = MeshOutbound.AllowAny;

    /// <summary>
    /// A secret that authenticates the session cookies and headers of routes with <c>sessionPersistence</c>, the same for all processes among which a
    /// user's requests may move. Default none: then whoever knows the format can write a token that chooses among the endpoints of its rule, but reach
    /// nothing else by it. A new key ends all sessions.
    /// </summary>
    public string? SessionKey { get; set; }

    /// <summary>
    /// How long the connections of an endpoint that left the mesh are kept for the requests that are still on them. After that its
    /// handler is disposed: nothing new starts there, streams that are still running end by themselves. Default 5 minutes.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Adjusts the handler that talks to one endpoint (header limits, HTTP/2 windows and pings, idle timeout, …), before its first use.
    /// What the mesh itself needs (connect callback, redirects, cookies, proxy) is set afterwards and cannot be changed here.
    /// May be called for several endpoints at once; requests that need the handler wait meanwhile.
    /// </summary>
    public Action<SocketsHttpHandler>? ConfigureTransport { get; set; }

    /// <summary>Replaces the network, for tests: makes the handler that is to talk to one endpoint. Default: real connections.</summary>
    public IMeshTransportFactory? TransportFactory { get; set; }
}
