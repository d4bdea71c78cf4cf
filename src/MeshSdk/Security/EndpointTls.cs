using MeshSdk.Model;

namespace MeshSdk.Security;

/// <summary>How one endpoint is spoken to over TLS. Two that are equal may share connections; an endpoint whose own changes gets new ones.</summary>
/// <param name="Cluster">What holds for all endpoints of its cluster.</param>
/// <param name="Identities">Of which it must prove one, with <see cref="TlsMode.Istio"/>.</param>
internal sealed record EndpointTls(ClusterTls Cluster, NameSet Identities)
{
    /// <summary>Whether nothing can be done without an identity in the mesh: to be shown, or to know by it whom to believe.</summary>
    public bool NeedsIdentity => Cluster.Mode == TlsMode.Istio || Cluster.Trust.Kind == TlsTrustKind.Mesh;

    /// <summary>Whether the name that was dialled is the one that is sent, and perhaps proved: then connections are not shared by names.</summary>
    public bool UsesDialledName => Cluster.ServerName is null;
}
