using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace MeshSdk.Resources.Json;

/// <summary>The kinds that the mesh reads.</summary>
internal static class ResourceKinds
{
    private static readonly ImmutableArray<ResourceKind> Kinds =
    [
        new("", "Service", ResourceJsonContext.Default.Service),
        new("", "Pod", ResourceJsonContext.Default.Pod),
        new("", MeshConfigMap.KindName, ResourceJsonContext.Default.MeshConfigMap) { Reads = MeshConfigMap.IsMeant },
        new("", "Namespace", ResourceJsonContext.Default.Namespace) { IsOfCluster = true },
        new("", "Node", ResourceJsonContext.Default.Node) { IsOfCluster = true },
        new("discovery.k8s.io", "EndpointSlice", ResourceJsonContext.Default.EndpointSlice),
        new("gateway.networking.k8s.io", "HTTPRoute", ResourceJsonContext.Default.HttpRoute),
        new("gateway.networking.k8s.io", "GRPCRoute", ResourceJsonContext.Default.GrpcRoute),
        new("gateway.networking.k8s.io", "ReferenceGrant", ResourceJsonContext.Default.ReferenceGrant),
        new("gateway.networking.k8s.io", "BackendTLSPolicy", ResourceJsonContext.Default.BackendTlsPolicy),
        new("gateway.networking.x-k8s.io", "XBackendTrafficPolicy", ResourceJsonContext.Default.BackendTrafficPolicy),
        new("networking.istio.io", "DestinationRule", ResourceJsonContext.Default.DestinationRule),
        new("security.istio.io", PeerAuthentication.KindName, ResourceJsonContext.Default.PeerAuthentication),
        new("security.istio.io", AuthorizationPolicy.KindName, ResourceJsonContext.Default.AuthorizationPolicy),
        new("security.istio.io", RequestAuthentication.KindName, ResourceJsonContext.Default.RequestAuthentication),

        // Read where a policy names them, and of them the certificates alone.
        new("", MeshConfigMap.KindName, ResourceJsonContext.Default.CertificateConfigMap) { Reads = CertificateConfigMap.IsMeant },
        new("", CertificateSecret.KindName, ResourceJsonContext.Default.CertificateSecret) { IsSecret = true },
    ];

    private static readonly FrozenDictionary<(string Group, string Kind), ImmutableArray<ResourceKind>> Table =
        Kinds.GroupBy(static kind => (kind.Group, kind.Kind)).ToFrozenDictionary(static kinds => kinds.Key, static kinds => kinds.ToImmutableArray());

    private static readonly FrozenDictionary<Type, ResourceKind> ByType = Kinds.ToFrozenDictionary(static kind => kind.TypeInfo.Type);

    public static ImmutableArray<ResourceKind> All => Kinds;

    /// <summary>How objects of a kind are read; of several ways the first.</summary>
    public static bool TryGet(string group, string kind, [NotNullWhen(true)] out ResourceKind? found) =>
        (found = Table.TryGetValue((group, kind), out var readings) ? readings[0] : null) is not null;

    /// <summary>How the object of this name is read.</summary>
    public static bool TryGet(string group, string kind, string? name, [NotNullWhen(true)] out ResourceKind? found) =>
        (found = Table.TryGetValue((group, kind), out var readings) ? readings.FirstOrDefault(reading => reading.Reads(name)) : null) is not null;

    /// <summary>How this object was read; null where nothing reads such ones.</summary>
    public static ResourceKind? Of(Resource resource) => ByType.GetValueOrDefault(resource.GetType());

    /// <summary>The group of an <c>apiVersion</c>: empty for <c>v1</c>, <c>networking.istio.io</c> for <c>networking.istio.io/v1</c>.</summary>
    public static string GroupOf(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : apiVersion[..slash];
    }
}
