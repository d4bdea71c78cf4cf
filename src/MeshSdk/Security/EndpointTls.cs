using MeshSdk.Model;

namespace MeshSdk.Security;

/// <summary>How one endpoint is spoken to over TLS. Two that are equal may share connections; an endpoint whose own changes gets new ones.</summary>
/// <param name="Cluster">What holds for all endpoints of its cluster.</param>
/// <param name="Identities">Of which it must prove one, with <see cref="TlsMode.Istio"/>.</param>
internal sealed record EndpointTls(ClusterTls Cluster, NameSet Identities);
