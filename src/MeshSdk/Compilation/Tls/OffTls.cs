using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>
/// Plaintext where no destination rule says otherwise: automatic mTLS is switched off. As with Istio that comes before what peer authentications ask for,
/// which is said to those who asked.
/// </summary>
/// <param name="scene">Of the service.</param>
internal sealed class OffTls(TlsScene scene) : PortTls
{
    private const string Off = "no DestinationRule states a mode, and automatic mTLS is off";

    // By what asks for it, so that endpoints share the text.
    private readonly Dictionary<StatedPeerMode, string> _refusals = [];

    public override TlsMode Mode => TlsMode.None;

    public override EndpointTlsDecision Decide(in SliceSighting sighting, Pod? pod)
    {
        var asked = ProvenPods.Find(sighting, pod) is { } proven ? scene.Peers.Of(proven.Metadata.Labels, sighting.Port) : scene.Peers.Namespace;
        return new(TlsMode.None, asked.Mode == PeerMode.Strict ? Refusal(asked) : Off);
    }

    public override ClusterTls? Of(ImmutableArray<EndpointModel> endpoints) => null;

    /// <summary>Says which calls their receivers will refuse.</summary>
    public void Report(ServicePort port, ImmutableArray<EndpointModel> endpoints, DiagnosticList diagnostics)
    {
        var refused = endpoints.Where(endpoint => _refusals.ContainsValue(endpoint.TlsReason)).ToList();
        if (refused.Count > 0)
        {
            diagnostics.Warning(
                scene.Service, DiagnosticCode.PlaintextToStrict, "",
                $"port {port.Port}: {refused.Count} of {endpoints.Length} endpoints are called in plaintext, which they refuse where that is enforced: {refused[0].TlsReason}; "
                + "state ISTIO_MUTUAL in a DestinationRule, or let mTLS be automatic (Mesh:AutoMtls, enableAutoMtls of the MeshConfig)");
        }
    }

    private string Refusal(StatedPeerMode asked) =>
        _refusals.TryGetValue(asked, out var known) ? known : _refusals[asked] = $"{Off}, though {asked.Text}";
}
