using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace MeshSdk.Resources.Json;

/// <summary>The kinds that the mesh reads.</summary>
internal static class ResourceKinds
{
    private static readonly FrozenDictionary<(string Group, string Kind), ResourceKind> Table = new ResourceKind[]
    {
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
    }.ToFrozenDictionary(kind => (kind.Group, kind.Kind));

    public static IEnumerable<ResourceKind> All => Table.Values;

    public static bool TryGet(string group, string kind, [NotNullWhen(true)] out ResourceKind? found) => Table.TryGetValue((group, kind), out found);

    /// <summary>The group of an <c>apiVersion</c>: empty for <c>v1</c>, <c>networking.istio.io</c> for <c>networking.istio.io/v1</c>.</summary>
    public static string GroupOf(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : apiVersion[..slash];
    }
}
