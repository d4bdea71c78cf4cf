using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>Mutual TLS with mesh identities for all endpoints, whatever their pods say of themselves: a destination rule says ISTIO_MUTUAL.</summary>
/// <param name="scene">Of the service.</param>
/// <param name="reason">Why, for people.</param>
/// <param name="tls">How it is done.</param>
/// <param name="stated">The identities that the rule states; empty: those of the pods count.</param>
internal sealed class MeshTls(TlsScene scene, string reason, ClusterTls tls, NameSet stated) : PortTls
{
    public override TlsMode Mode => TlsMode.Istio;

    public override EndpointTlsDecision Decide(in SliceSighting sighting, Pod? pod) =>
        stated.IsEmpty ? scene.Demand(sighting, pod, reason) : new(TlsMode.Istio, reason) { Identities = stated };

    public override ClusterTls? Of(ImmutableArray<EndpointModel> endpoints) => tls;
}
