using System.Text.Json;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Tests.Scopes;

/// <summary>Objects as a cluster would hold them, with as little in them as the tests need.</summary>
internal static class Objects
{
    public static Service Service(string name, string ns = "shop", int version = 1, Dictionary<string, string>? selector = null, string? type = null) => new()
    {
        Metadata = Meta(name, ns, version),
        Spec = new ServiceSpec { Ports = [new ServicePort { Port = 80 }], Selector = selector, Type = type },
    };

    public static EndpointSlice Slice(string service, string ns = "shop", string suffix = "1", string address = "10.0.0.1", int version = 1) => new()
    {
        Metadata = Meta($"{service}-{suffix}", ns, version) with { Labels = new() { [EndpointSlice.ServiceNameLabel] = service } },
        AddressType = "IPv4",
        Endpoints = [new SliceEndpoint { Addresses = [address] }],
        Ports = [new SlicePort { Port = 8080 }],
    };

    public static HttpRoute Route(string name, string parent, string[] backends, string ns = "shop", int version = 1) => new()
    {
        Metadata = Meta(name, ns, version),
        Spec = new HttpRouteSpec
        {
            ParentRefs = [new ParentReference { Kind = "Service", Group = "", Name = parent.Split('/')[^1], Namespace = NamespaceOf(parent) }],
            Rules = [new HttpRouteRule { BackendRefs = [.. backends.Select(static b => new HttpBackendRef { Name = b.Split('/')[^1], Namespace = NamespaceOf(b), Port = 80 })] }],
        },
    };

    public static GrpcRoute GrpcRoute(string name, string parent, string[] backends, string? mirror = null) => new()
    {
        Metadata = Meta(name, "shop", 1),
        Spec = new GrpcRouteSpec
        {
            ParentRefs = [new ParentReference { Kind = "Service", Group = "", Name = parent }],
            Rules =
            [
                new GrpcRouteRule
                {
                    BackendRefs = [.. backends.Select(static name => new HttpBackendRef { Name = name, Port = 80 })],
                    Filters = mirror is null ? null
                        : [new HttpRouteFilter { Type = "RequestMirror", RequestMirror = new HttpRequestMirrorFilter { BackendRef = new HttpBackendRef { Name = mirror, Port = 80 } } }],
                },
            ],
        },
    };

    public static MeshConfigMap MeshConfig(string mesh, string ns = "istio-system") =>
        new() { Metadata = Meta("istio", ns, 1), Data = new MeshConfigData { Mesh = mesh } };

    public static DestinationRule Rule(string host, bool subsets = false, string? tls = null, string ns = "shop", int version = 1) => new()
    {
        Metadata = Meta($"rule-{host}", ns, version),
        Spec = new DestinationRuleSpec
        {
            Host = host,
            Subsets = subsets ? [JsonSerializer.SerializeToElement(new { name = "v1" })] : null,
            TrafficPolicy = tls is null ? null : new TrafficPolicy { Tls = new ClientTlsSettings { Mode = tls } },
        },
    };

    public static PeerAuthentication Peers(string mode, Dictionary<string, string>? selector = null, string ns = "shop", string name = "peers") => new()
    {
        Metadata = Meta(name, ns, 1),
        Spec = new PeerAuthenticationSpec { Mtls = new PeerMutualTls { Mode = mode }, Selector = selector is null ? null : new WorkloadSelector { MatchLabels = selector } },
    };

    public static AuthorizationPolicy Authorization(string ns, string name = "a") =>
        new() { Metadata = Meta(name, ns, 1), Spec = JsonSerializer.SerializeToElement(new { action = "DENY" }) };

    /// <summary>A rule that has its credential from a Secret, or by <c>configmap://</c> its authorities from a ConfigMap.</summary>
    public static DestinationRule CredentialRule(string host, string credential, string ns = "shop", int version = 1) => Rule(host, ns: ns, version: version) with
    {
        Spec = new DestinationRuleSpec
        {
            Host = host,
            TrafficPolicy = new TrafficPolicy { Tls = new ClientTlsSettings { Mode = "SIMPLE", CredentialName = credential } },
        },
    };

    public static BackendTlsPolicy CertificatePolicy(string name, string service, params string[] configMaps) => new()
    {
        Metadata = Meta(name, "shop", 1),
        Spec = new BackendTlsPolicySpec
        {
            TargetRefs = [new PolicyTargetReference { Kind = "Service", Name = service }],
            Validation = new BackendTlsValidation
            {
                Hostname = "backend.example",
                CaCertificateRefs = [.. configMaps.Select(static map => new CertificateReference { Kind = "ConfigMap", Name = map })],
            },
        },
    };

    public static CertificateSecret Secret(string name, string ns = "shop", int version = 1) =>
        new() { Metadata = Meta(name, ns, version), Data = new CertificateData { CaCrt = $"authority {version}", TlsKey = new("the private key"), TlsCrt = "leaf" } };

    public static CertificateConfigMap ConfigMap(string name, string ns = "shop") => new() { Metadata = Meta(name, ns, 1), Data = new CertificateData { CaCrt = "authority" } };

    public static Namespace Namespace(string name, string? waypoint = null) =>
        new() { Metadata = Meta(name, "", 1) with { Labels = waypoint is null ? null : new() { [WaypointLabels.Use] = waypoint } } };

    public static Pod Pod(string name, Dictionary<string, string> labels, string ns = "shop") => new()
    {
        Metadata = Meta(name, ns, 1) with { Labels = labels },
        Spec = new PodSpec { ServiceAccountName = "backend" },
    };

    public static Node Node(string name, string region, string zone) => new()
    {
        Metadata = Meta(name, "", 1) with
        {
            Labels = new() { ["topology.kubernetes.io/region"] = region, ["topology.kubernetes.io/zone"] = zone },
        },
    };

    /// <summary>A rule with outlier detection, and a block for localities where there is one.</summary>
    public static DestinationRule NearRule(string host, string? locality = null) => Rule(host) with
    {
        Spec = new DestinationRuleSpec
        {
            Host = host,
            TrafficPolicy = new TrafficPolicy
            {
                OutlierDetection = JsonSerializer.SerializeToElement(new { }),
                LoadBalancer = locality is null ? null : new LoadBalancerSettings { LocalityLbSetting = JsonSerializer.Deserialize<JsonElement>(locality) },
            },
        },
    };

    private static ObjectMeta Meta(string name, string ns, int version) => new()
    {
        Name = name,
        Namespace = ns,
        Uid = $"{ns}-{name}",
        ResourceVersion = $"{version}",
        CreationTimestamp = DateTimeOffset.UnixEpoch,
    };

    private static string? NamespaceOf(string reference) => reference.Contains('/') ? reference.Split('/')[0] : null;
}
