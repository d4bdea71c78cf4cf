using MeshSdk.Transport;
using Microsoft.Extensions.Logging;

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

    /// <summary>
    /// The caller's locality as <c>region/zone/subzone</c>; later parts may be left out. Default: that of the node named by <see cref="NodeName"/>, else of the
    /// pod that the environment variable <c>POD_NAME</c> names, where one of them may be read; else none, and no endpoint is preferred for being near.
    /// </summary>
    public string? Locality { get; set; }

    /// <summary>
    /// The node that the process runs on, for Services whose <c>internalTrafficPolicy</c> or <c>trafficDistribution</c> prefers endpoints of the same node.
    /// Default: the environment variable <c>NODE_NAME</c>, which a pod sets from <c>spec.nodeName</c>; else not known.
    /// </summary>
    public string? NodeName { get; set; }

    /// <summary>
    /// The process's own pod, in its <see cref="Namespace"/>: where it may be read, it tells the locality, the labels and <see cref="DataPlane"/>.
    /// Default: the environment variable <c>POD_NAME</c>, which a pod sets from <c>metadata.name</c>; else not known.
    /// </summary>
    public string? PodName { get; set; }

    /// <summary>
    /// Which data plane takes the traffic of the pod beside the process: a sidecar, or the node's proxy in Istio's ambient mode.
    /// Default <see cref="MeshDataPlane.Auto"/>: what the own pod says, if it can be read.
    /// </summary>
    public MeshDataPlane DataPlane { get; set; } = MeshDataPlane.Auto;

    /// <summary>
    /// Whether Services with a waypoint are called even where no call of this process reaches the waypoint: past its routes and its authorization policies.
    /// Default false: such calls are answered 503.
    /// </summary>
    public bool AllowWaypointBypass { get; set; }

    /// <summary>The DNS domain of the cluster. Default <c>cluster.local</c>.</summary>
    public string ClusterDomain { get; set; } = "cluster.local";

    /// <summary>The SPIFFE trust domain of the mesh. Default: that of Istio's MeshConfig, else <c>cluster.local</c>.</summary>
    public string? TrustDomain { get; set; }

    /// <summary>
    /// The namespace of mesh-wide policies, and of the ConfigMap <c>istio</c> that holds Istio's MeshConfig. Default: <c>istio-system</c>, and for the
    /// policies what the MeshConfig there says.
    /// </summary>
    public string? RootNamespace { get; set; }

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

    /// <summary>Where this process has its identity in the mesh from. Default: it is looked for.</summary>
    public MeshIdentityOptions Identity { get; set; } = new();

    /// <summary>How endpoints are spoken to for which no DestinationRule states a TLS mode. Default <see cref="MeshAutoMtls.WhenIdentity"/>.</summary>
    public MeshAutoMtls AutoMtls { get; set; } = MeshAutoMtls.WhenIdentity;

    /// <summary>Where calls to names go that look like the cluster's own and that no service has. Default <see cref="MeshOutbound.AllowAny"/>.</summary>
    public MeshOutbound Outbound { get; set; } = MeshOutbound.AllowAny;

    /// <summary>Whether routes need a ReferenceGrant to lead into another namespace. Default <see cref="MeshReferenceGrants.Ignore"/>.</summary>
    public MeshReferenceGrants ReferenceGrants { get; set; } = MeshReferenceGrants.Ignore;

    /// <summary>
    /// Does what Istio does where the Gateway API leaves a choice: calls under a rule without a <c>retry</c> block, and calls to a Service without routes,
    /// are tried up to two times more where no server has looked at them: there was no connection, or the stream was refused; and so are gRPC calls that a
    /// server answers with UNAVAILABLE or CANCELLED and nothing else. Default false: no retries but those that a route asks for.
    /// </summary>
    public bool IstioCompatible { get; set; }

    /// <summary>What is added to the outlier detection that destination rules state. Default nothing.</summary>
    public MeshOutlierDetectionOptions OutlierDetection { get; set; } = new();

    /// <summary>
    /// Whether the copies of requests that routes mirror elsewhere go without <c>Authorization</c>, <c>Cookie</c> and <c>Proxy-Authorization</c>.
    /// Default false: a copy is as the request is.
    /// </summary>
    public bool StripMirrorCredentials { get; set; }

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

    // Set by packages that know a protocol in which endpoints tell whether they serve.
    internal Func<TimeProvider, Random, ILoggerFactory, IEndpointHealthSource>? EndpointHealth { get; set; }

    // Set by the server half, which is a package of its own.
    internal bool ServesInbound { get; set; }

    // Internal, and filled by a method: nothing in it could be stated by a configuration section.
    internal Dictionary<(string Group, string Kind), Func<MeshFilterReference, IMeshFilter>> Filters { get; } = [];

    /// <summary>
    /// Makes the filters that routes ask for with a filter of type <c>ExtensionRef</c>. For one kind of object there is one way to make them: the last
    /// one given counts.
    /// </summary>
    /// <param name="group">The API group of the objects that routes refer to; empty for the core group.</param>
    /// <param name="kind">Their kind.</param>
    /// <param name="create">
    /// Makes the filter for one object, once for each route that refers to it. What it throws, and null, fails the rule with 500. It is called while the
    /// configuration is put in force, which waits for it: it should not do more than take note of the name.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="kind"/> is empty.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public void AddFilter(string group, string kind, Func<MeshFilterReference, IMeshFilter> create)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(create);
        Filters[(group, kind)] = create;
    }
}
