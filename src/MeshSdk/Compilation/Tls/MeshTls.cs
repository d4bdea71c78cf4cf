using System.Collections.Immutable;
using MeshSdk.Compilation.Coexistence;
using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>Mutual TLS with mesh identities for all endpoints, whatever their pods say of themselves: a destination rule says ISTIO_MUTUAL.</summary>
/// <param name="scene">Of the service.</param>
/// <param name="reason">Why, for people.</param>
/// <param name="tls">How it is done.</param>
/// <param name="stated">The identities that the rule states; empty: those of the pods count.</param>
/// <param name="block">Where it says all that.</param>
internal sealed class MeshTls(TlsScene scene, string reason, ClusterTls tls, NameSet stated, PolicyBlock block) : PortTls
{
    public override TlsMode Mode => TlsMode.Istio;

    public override EndpointTlsDecision Decide(in SliceSighting sighting, Pod? pod) =>
        stated.IsEmpty ? scene.Demand(sighting, pod, reason) : scene.Demand(sighting, pod, reason, stated);

    public override ClusterTls? Of(ImmutableArray<EndpointModel> endpoints) => tls;

    /// <summary>Says what of the rule is not kept to by this process.</summary>
    public void Report(ImmutableArray<EndpointModel> endpoints)
    {
        if (!stated.IsEmpty && endpoints.Any(static endpoint => endpoint.TlsReason == AmbientPeers.Reason))
        {
            (block with { Path = $"{block.Path}.subjectAltNames" }).Ignored(
                $"{AmbientPeers.Reason} for endpoints of Service {scene.Service.ServiceId()}, and checks that they are the accounts of their Pods; these are among the names, which are not checked any further");
        }
    }
}
