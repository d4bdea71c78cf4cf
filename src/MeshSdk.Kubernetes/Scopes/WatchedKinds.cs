using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Resources;
using MeshSdk.Resources.Json;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>The kinds that are read from a cluster. A further kind of routes or policies is one more line here.</summary>
internal static class WatchedKinds
{
    public static readonly WatchedKind Services = new(Target("", "Service", ResourceJsonContext.Default.Service, "services", "v1"));

    public static readonly WatchedKind EndpointSlices =
        new(Target("discovery.k8s.io", "EndpointSlice", ResourceJsonContext.Default.EndpointSlice, "endpointslices", "v1"));

    public static readonly WatchedKind Pods = new(Target("", "Pod", ResourceJsonContext.Default.Pod, "pods", "v1"));

    /// <summary>The one ConfigMap that says what holds for the whole mesh. No other one is ever asked for.</summary>
    public static readonly WatchedKind MeshConfig = new(new WatchTarget(
        new ResourceKind("", MeshConfigMap.KindName, ResourceJsonContext.Default.MeshConfigMap) { Reads = MeshConfigMap.IsMeant }, "configmaps", ["v1"])
    {
        OnlyName = MeshConfigMap.WellKnownName,
    })
    {
        IsAdvisory = true,
        IsOptional = true,
        Without = "The trust domain and the other defaults of the mesh are those of the options, and Istio's own where these say nothing",
    };

    /// <summary>Those that policies name, one by one; of each no more than the certificates in it.</summary>
    public static readonly WatchedKind CertificateMaps = new(new WatchTarget(
        new ResourceKind("", MeshConfigMap.KindName, ResourceJsonContext.Default.CertificateConfigMap) { Reads = CertificateConfigMap.IsMeant }, "configmaps", ["v1"]));

    /// <inheritdoc cref="CertificateMaps"/>
    public static readonly WatchedKind Secrets = new(new WatchTarget(
        new ResourceKind("", CertificateSecret.KindName, ResourceJsonContext.Default.CertificateSecret) { IsSecret = true }, "secrets", ["v1"]));

    /// <summary>For the labels that say which waypoint the services in it have. Only where there is ambient mode do they say any.</summary>
    public static readonly WatchedKind Namespaces = new(
        new WatchTarget(new ResourceKind("", "Namespace", ResourceJsonContext.Default.Namespace) { IsOfCluster = true }, "namespaces", ["v1"])
        {
            IsMetadataOnly = true,
            IsSeldomGranted = true,
        })
    {
        IsAdvisory = true,
        IsOptional = true,
    };

    /// <summary>For their labels alone: the rest of a node is long, and changes all the time.</summary>
    public static readonly WatchedKind Nodes = new(
        new WatchTarget(new ResourceKind("", "Node", ResourceJsonContext.Default.Node) { IsOfCluster = true }, "nodes", ["v1"]) { IsMetadataOnly = true });

    /// <summary>Routes and policies: few, and any of them may concern any service, or the own pod, so that they are followed by namespace from the start.</summary>
    public static readonly ImmutableArray<WatchedKind> Configuration =
    [
        new(Target("gateway.networking.k8s.io", "HTTPRoute", ResourceJsonContext.Default.HttpRoute, "httproutes", "v1", "v1beta1"))
        {
            Links = RouteLinksOf,
        },
        new(Target("gateway.networking.k8s.io", "GRPCRoute", ResourceJsonContext.Default.GrpcRoute, "grpcroutes", "v1", "v1alpha2"))
        {
            Links = RouteLinksOf,
        },
        new(Target("gateway.networking.k8s.io", "ReferenceGrant", ResourceJsonContext.Default.ReferenceGrant, "referencegrants", "v1", "v1beta1"))
        {
            ForGrants = true,
        },
        new(Target("gateway.networking.k8s.io", "BackendTLSPolicy", ResourceJsonContext.Default.BackendTlsPolicy, "backendtlspolicies", "v1", "v1alpha3")),
        new(Target(
            "gateway.networking.x-k8s.io", "XBackendTrafficPolicy", ResourceJsonContext.Default.BackendTrafficPolicy, "xbackendtrafficpolicies", "v1alpha1"))
        {
            IsAdvisory = true,
        },
        new(Target("networking.istio.io", "DestinationRule", ResourceJsonContext.Default.DestinationRule, "destinationrules", "v1", "v1beta1", "v1alpha3"))
        {
            InRootNamespace = true,
        },
        new(Target("security.istio.io", PeerAuthentication.KindName, ResourceJsonContext.Default.PeerAuthentication, "peerauthentications", "v1", "v1beta1"))
        {
            InRootNamespace = true,
            ForPeers = true,
        },
        new(Target(
            "security.istio.io", AuthorizationPolicy.KindName, ResourceJsonContext.Default.AuthorizationPolicy, "authorizationpolicies", "v1", "v1beta1"))
        {
            InRootNamespace = true,
            ForOwnPod = true,
        },
        new(Target(
            "security.istio.io", RequestAuthentication.KindName, ResourceJsonContext.Default.RequestAuthentication, "requestauthentications", "v1", "v1beta1"))
        {
            InRootNamespace = true,
            ForOwnPod = true,
            IsAdvisory = true,
            IsOptional = true,
            Without = "Nothing here checks tokens in any case, and none of them can be told of",
        },
    ];

    private static readonly FrozenDictionary<string, WatchedKind> ByResource =
        Configuration.Concat([Services, EndpointSlices, Pods, Nodes, Namespaces, Secrets, CertificateMaps]).ToFrozenDictionary(static kind => kind.Target.Resource, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Func<Resource, RouteLinks>> ByRouteKind = Configuration
        .Where(static kind => kind.Links is not null)
        .ToFrozenDictionary(static kind => kind.Kind, static kind => kind.Links!, StringComparer.Ordinal);

    /// <summary>The kind of what is followed.</summary>
    public static WatchedKind Of(WatchTarget target) => Find(target.Resource, target.FieldSelector)!;

    /// <summary>The kind that RBAC knows by this name, as in <c>httproutes.gateway.networking.k8s.io</c>; null where it is none that is followed.</summary>
    /// <param name="resource">The name.</param>
    /// <param name="fieldSelector">Which of them are followed: the ConfigMap of the mesh is of another kind than those that policies name.</param>
    public static WatchedKind? Find(string resource, string? fieldSelector) =>
        resource == MeshConfig.Target.Resource && fieldSelector == MeshConfig.Target.FieldSelector ? MeshConfig : ByResource.GetValueOrDefault(resource);

    /// <summary>Whether objects of a kind are read in this version of its group.</summary>
    public static bool Reads(string group, string kind, string version) => ByResource.Values.Append(MeshConfig).Any(
        watched => watched.Target.Kind.Group == group && watched.Kind == kind && watched.Target.Versions.Contains(version));

    /// <summary>Null where objects of the kind lead nowhere.</summary>
    public static Func<Resource, RouteLinks>? LinksOf(string kind) => ByRouteKind.GetValueOrDefault(kind);

    private static RouteLinks RouteLinksOf(Resource route) =>
        new([.. ((RouteResource)route).ServiceParents().Distinct()], [.. ((RouteResource)route).ServiceBackends().Distinct()]);

    private static WatchTarget Target(string group, string kind, JsonTypeInfo typeInfo, string plural, params string[] versions) =>
        new(new ResourceKind(group, kind, typeInfo), plural, versions);
}
