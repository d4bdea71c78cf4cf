using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>
/// What is done where no destination rule says it: each endpoint is spoken to by mutual TLS where its pod can do that, unless peer authentications want
/// plaintext. Where something is not known that the answer hangs on, the endpoint is withheld.
/// </summary>
/// <param name="scene">Of the service.</param>
/// <param name="serverName">What is sent to those that can do mutual TLS.</param>
/// <param name="isPassThrough">
/// Whether a proxy would not choose among the endpoints, and so does the same with all of them: plaintext, as soon as one of them cannot do TLS.
/// </param>
internal sealed class AutoTls(TlsScene scene, MeshServerName serverName, bool isPassThrough) : PortTls
{
    public const string Source = "automatic mTLS";

    private const string CanDo = "its Pod says that it can do mutual TLS (label security.istio.io/tlsMode)";
    private const string CanNotDo = "its Pod does not say that it can do mutual TLS (label security.istio.io/tlsMode: istio)";
    private const string NoPod = "it is no Pod that could say that it can do mutual TLS";
    private const string NotKnown = "it is not known whether its Pod can do mutual TLS";
    private const string NoIdentity = "this process has no identity, and no PeerAuthentication forbids plaintext";
    private const string OneCanNot = "another endpoint of the same headless Service cannot do mutual TLS";
    private const string SomeAreStrict = "a PeerAuthentication says STRICT for some Pods of the namespace";

    private HashSet<int>? _strict;
    private int _count;
    private bool _oneCanNot;

    /// <summary>Whether an identity would have made a difference.</summary>
    public IdentityLack Lack { get; private set; }

    public override TlsMode Mode => TlsMode.None;

    /// <summary>
    /// Who answers there is a pod that nobody can tell anything of, and nothing that is written here could prove it. Where all were called in plaintext, and no
    /// policy may forbid that, the call gives away no more than the last one did.
    /// </summary>
    public override string? WhyNoStandIn(bool arePlain) =>
        scene.PeersUnknown ?? (
            scene.Peers.MayBeStrict ? MayBeStrict
            : arePlain || Namespace.Mode == PeerMode.Disable || !scene.HasIdentity ? null
            : NotKnown);

    private StatedPeerMode Namespace => scene.Peers.Namespace;

    private string MayBeStrict => Namespace.Mode == PeerMode.Strict ? Namespace.Text : SomeAreStrict;

    public override EndpointTlsDecision Decide(in SliceSighting sighting, Pod? pod)
    {
        var index = _count++;
        return ProvenPods.Find(sighting, pod) is { } proven ? Decide(sighting, proven, index)
            : ProvenPods.IsPod(sighting) ? DecideUnknown(sighting, pod)
            : DecideOther(sighting);
    }

    public override void Settle(Span<EndpointTlsDecision> decisions)
    {
        // Where a policy that nobody can read may forbid plaintext, it is no common ground.
        if (!isPassThrough || !_oneCanNot || scene.PeersUnknown is not null)
        {
            return;
        }

        for (var i = 0; i < decisions.Length; i++)
        {
            if (decisions[i] is { Mode: TlsMode.Istio, Withheld: null } && _strict?.Contains(i) != true)
            {
                decisions[i] = new(TlsMode.None, OneCanNot);
            }
        }
    }

    public override ClusterTls? Of(ImmutableArray<EndpointModel> endpoints) => endpoints.Any(static endpoint => endpoint.Tls != TlsMode.None)
        ? new ClusterTls { Source = Source, Mode = TlsMode.Istio, ServerName = serverName.ToString(), Trust = TlsTrust.Mesh }
        : null;

    private EndpointTlsDecision Decide(in SliceSighting sighting, Pod pod, int index)
    {
        var canDo = pod.Metadata.Labels?.GetValueOrDefault(Pod.TlsModeLabel) == "istio";
        _oneCanNot |= !canDo;
        if (scene.PeersUnknown is { } unknown)
        {
            // What they ask for can at worst be plaintext, which a handshake does not turn into anything worse.
            return canDo && scene.HasIdentity ? scene.Demand(sighting, pod, CanDo) : scene.Withhold(unknown, canDo ? CanDo : CanNotDo);
        }

        var mode = scene.Peers.Of(pod.Metadata.Labels, sighting.Port);
        if (mode.Mode == PeerMode.Strict)
        {
            (_strict ??= []).Add(index);
            return canDo ? scene.Demand(sighting, pod, mode.Text) : scene.Withhold($"{mode.Text}, and {pod} lacks the label {Pod.TlsModeLabel}: istio", mode.Text);
        }

        if (Namespace.Mode == PeerMode.Disable)
        {
            return new(TlsMode.None, Namespace.Text);
        }

        if (!canDo)
        {
            return new(TlsMode.None, CanNotDo);
        }

        return mode.Mode == PeerMode.Disable ? new(TlsMode.None, mode.Text)
            : scene.HasIdentity ? scene.Demand(sighting, pod, CanDo)
            : WithoutIdentity(IdentityLack.Certain);
    }

    /// <summary>A pod that nobody can tell anything of. Where all that it may be comes to plaintext, plaintext it is.</summary>
    private EndpointTlsDecision DecideUnknown(in SliceSighting sighting, Pod? pod)
    {
        if (scene.PeersUnknown is null && !scene.Peers.MayBeStrict)
        {
            if (Namespace.Mode == PeerMode.Disable)
            {
                return new(TlsMode.None, Namespace.Text);
            }

            if (!scene.HasIdentity)
            {
                return WithoutIdentity(scene.IsOfIstio ? IdentityLack.Certain : IdentityLack.Possible);
            }
        }

        return scene.Withhold(scene.PeersUnknown ?? scene.WhyNoPod(sighting, pod), NotKnown);
    }

    private EndpointTlsDecision DecideOther(in SliceSighting sighting)
    {
        _oneCanNot = true;
        return scene.PeersUnknown is { } unknown ? scene.Withhold(unknown, NoPod)
            : scene.Peers.MayBeStrict ? scene.Withhold($"{MayBeStrict}, and {scene.WhyNoPod(sighting, null)}", MayBeStrict)
            : new(TlsMode.None, Namespace.Mode == PeerMode.Disable ? Namespace.Text : NoPod);
    }

    private EndpointTlsDecision WithoutIdentity(IdentityLack lack)
    {
        Lack = lack > Lack ? lack : Lack;
        return new(TlsMode.None, NoIdentity);
    }
}
