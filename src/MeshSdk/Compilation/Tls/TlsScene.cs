using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>All that decisions about the endpoints of one service look at, beside the endpoints themselves.</summary>
internal sealed class TlsScene
{
    private readonly ProvenPods _pods;
    private readonly AccountIdentities _identities;

    public TlsScene(ResourceStore store, Service service, MeshViewpoint view)
    {
        var unknown = new UnknownResolver(store, view.Caller);
        Service = service;
        PeersUnknown = unknown.Peers(service.Metadata.Namespace);
        Peers = PeerModes.Of(store, service.Metadata.Namespace, view.Caller.RootNamespace);
        _pods = new ProvenPods(service, unknown.Pods(service.ServiceId()));
        _identities = view.Identities;
        IsOfIstio = Peers.Exist || view.Config is not null;
        IsOff = view.Options.AutoMtls == MeshAutoMtls.Off || !view.Settings.AutoMtls;
        HasIdentity = view.Options.HasIdentity || view.Options.AutoMtls == MeshAutoMtls.Require;
        Verifies = view.Options.VerifiesPeers;
    }

    public Service Service { get; }

    public PeerModes Peers { get; }

    /// <summary>Why it cannot be told what peer authentications ask for, for people; null where it can.</summary>
    public string? PeersUnknown { get; }

    /// <summary>Whether there is anything by which the mesh shows itself to be one of Istio's.</summary>
    public bool IsOfIstio { get; }

    /// <summary>Whether nothing but a destination rule makes calls encrypted.</summary>
    public bool IsOff { get; }

    /// <summary>Whether there is an identity to show, or calls that need one are refused for want of it.</summary>
    public bool HasIdentity { get; }

    /// <summary>Whether anybody looks at all this.</summary>
    public bool Verifies { get; }

    /// <summary>Asks of an endpoint that it be the pod behind it, and proves it.</summary>
    public EndpointTlsDecision Demand(in SliceSighting sighting, Pod? pod, string reason)
    {
        if (ProvenPods.Find(sighting, pod) is not { } proven)
        {
            return Withhold(_pods.WhyNot(sighting, pod), reason);
        }

        var identities = _identities.Of(proven);
        return identities.IsEmpty
            ? Withhold($"the trust domain of the mesh and the service account of {proven} make no SPIFFE ID", reason)
            : new(TlsMode.Istio, reason) { Identities = identities };
    }

    /// <summary>Asks of an endpoint that it be one of those that a rule states, whoever the pod behind it is.</summary>
    public EndpointTlsDecision Demand(in SliceSighting sighting, Pod? pod, string reason, NameSet stated)
    {
        var proven = ProvenPods.Find(sighting, pod);
        var own = proven is null ? [] : _identities.Of(proven);
        return new(TlsMode.Istio, reason)
        {
            Identities = stated,
            Doubt = !Verifies || own.Any(stated.Contains) ? null
                : proven is null ? _pods.WhyNot(sighting, pod)
                : $"{reason} with subjectAltNames, and {proven} runs as {(own.IsEmpty ? "nobody in particular" : string.Join(" or ", own))}, which is none of them",
        };
    }

    /// <summary>Asks of an endpoint what nobody can tell, or what it cannot do.</summary>
    public EndpointTlsDecision Withhold(string missing, string reason) => new(TlsMode.Istio, reason) { Withheld = Verifies ? missing : null };

    /// <summary>Says of an endpoint why it is not known which pod it is.</summary>
    public string WhyNoPod(in SliceSighting sighting, Pod? pod) => _pods.WhyNot(sighting, pod);
}
