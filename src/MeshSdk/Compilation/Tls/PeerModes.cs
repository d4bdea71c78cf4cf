using System.Collections.Immutable;
using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>What peer authentications ask of those who call the pods of one namespace, as istiod composes them.</summary>
/// <remarks>
/// The oldest policy for a pod counts before the oldest one of its namespace, that before the oldest one of the mesh, and each leaves to the next what it
/// does not set. A policy with a selector in the root namespace is for nobody.
/// </remarks>
internal sealed class PeerModes
{
    private static readonly StatedPeerMode NobodyAsks = new(PeerMode.Permissive, "no PeerAuthentication asks for anything");
    private static readonly PeerModes None = new([], []);

    private readonly ImmutableArray<WorkloadMode> _workloads;

    /// <param name="mesh">Those of the root namespace, the oldest first.</param>
    /// <param name="own">Those of the namespace, the oldest first; none where it is the root namespace.</param>
    private PeerModes(ImmutableArray<PeerAuthentication> mesh, ImmutableArray<PeerAuthentication> own)
    {
        var ofMesh = mesh.FirstOrDefault(static policy => !policy.HasSelector);
        var ofNamespace = own.FirstOrDefault(static policy => !policy.HasSelector);
        Namespace = Read(ofNamespace, ofNamespace?.Spec.Mtls) ?? Read(ofMesh, ofMesh?.Spec.Mtls) ?? NobodyAsks;
        _workloads = [.. own.Where(static policy => policy.HasSelector).Select(policy => WorkloadMode.Of(policy, Namespace))];
        MayBeStrict = Namespace.Mode == PeerMode.Strict || _workloads.Any(static workload => workload.MayBeStrict);
        Exist = ofMesh is not null || !own.IsEmpty;
    }

    /// <summary>Whether there are any at all, which only Istio has.</summary>
    public bool Exist { get; }

    /// <summary>What holds for the namespace as a whole.</summary>
    public StatedPeerMode Namespace { get; }

    /// <summary>Whether a pod of which nothing is known may be one to which nothing may be sent in plaintext.</summary>
    public bool MayBeStrict { get; }

    public static PeerModes Of(ResourceStore store, string @namespace, string rootNamespace)
    {
        var mesh = store.Peers.In(rootNamespace);
        var own = @namespace == rootNamespace ? [] : store.Peers.In(@namespace);
        return Of(mesh, own);
    }

    /// <param name="mesh">Those of the root namespace, the oldest first.</param>
    /// <param name="own">Those of the namespace, the oldest first; none where it is the root namespace.</param>
    public static PeerModes Of(ImmutableArray<PeerAuthentication> mesh, ImmutableArray<PeerAuthentication> own) =>
        mesh.IsEmpty && own.IsEmpty ? None : new PeerModes(mesh, own);

    /// <summary>What holds for a port of a pod.</summary>
    /// <param name="labels">Those of the pod.</param>
    /// <param name="port">Its own number, not that of a Service.</param>
    public StatedPeerMode Of(Dictionary<string, string>? labels, int port)
    {
        foreach (var workload in _workloads)
        {
            if (workload.Policy!.Selects(labels))
            {
                return workload.Ports.GetValueOrDefault(port) ?? workload.Other;
            }
        }

        return Namespace;
    }

    /// <summary>
    /// What policies state for the own pod, by its own ports; of what none of them states nothing is said. Where its labels are not all known, each policy that may
    /// be for it counts, up to the first one that is for certain, and of all that they say the strictest.
    /// </summary>
    public PodModes For(CallerContext own)
    {
        var possible = new List<WorkloadMode>();
        foreach (var workload in _workloads)
        {
            switch (workload.Policy!.Selects(own))
            {
                case null:
                    possible.Add(workload);
                    break;
                case true when possible.Count == 0:
                    return new(Stated(workload.Other), workload.Ports.ToImmutableSortedDictionary());
                case true:
                    return Strictest(possible, workload);
            }
        }

        return possible.Count > 0
            ? Strictest(possible, new WorkloadMode(null, Namespace, []))
            : new(Stated(Namespace), ImmutableSortedDictionary<int, StatedPeerMode>.Empty);
    }

    private static PodModes Strictest(List<WorkloadMode> possible, WorkloadMode otherwise)
    {
        var ports = ImmutableSortedDictionary.CreateBuilder<int, StatedPeerMode>();
        foreach (var port in possible.Append(otherwise).SelectMany(static workload => workload.Ports.Keys).Distinct())
        {
            // Where nobody may have said anything of a port, it is one of the others.
            if (Stated(Strictest(possible, otherwise, workload => workload.Ports.GetValueOrDefault(port) ?? workload.Other)) is { } mode)
            {
                ports[port] = mode;
            }
        }

        return new(Stated(Strictest(possible, otherwise, static workload => workload.Other)), ports.ToImmutable());
    }

    private static StatedPeerMode Strictest(List<WorkloadMode> possible, WorkloadMode otherwise, Func<WorkloadMode, StatedPeerMode> of)
    {
        var strictest = of(otherwise);
        foreach (var mode in possible.Select(of))
        {
            if (Rank(mode.Mode) > Rank(strictest.Mode))
            {
                strictest = mode with { Text = $"{mode.Text}, and may be for this process, whose labels are not all known" };
            }
        }

        return strictest;
    }

    // Who takes both kinds refuses nobody whom a pod in mode DISABLE would take, and knows more callers than that.
    private static int Rank(PeerMode mode) => mode switch
    {
        PeerMode.Strict => 2,
        PeerMode.Permissive => 1,
        _ => 0,
    };

    private static StatedPeerMode? Stated(StatedPeerMode mode) => ReferenceEquals(mode, NobodyAsks) ? null : mode;

    /// <summary>Null where nothing is set. A word that is none of the known ones may have been meant to be the strictest of them.</summary>
    private static StatedPeerMode? Read(PeerAuthentication? policy, PeerMutualTls? mtls) => mtls?.Mode switch
    {
        null or "" or "UNSET" => null,
        "DISABLE" => new(PeerMode.Disable, $"{policy} says DISABLE"),
        "PERMISSIVE" => new(PeerMode.Permissive, $"{policy} says PERMISSIVE"),
        "STRICT" => new(PeerMode.Strict, $"{policy} says STRICT"),
        PeerMutualTls.Unreadable => new(PeerMode.Strict, $"{policy} cannot be read and is taken for STRICT"),
        var unknown => new(PeerMode.Strict, $"{policy} says {unknown}, which is not known and taken for STRICT"),
    };

    /// <summary>One policy for some pods.</summary>
    /// <param name="Policy">As written; null: none, for what holds where there is none.</param>
    /// <param name="Other">What holds for ports that it does not list.</param>
    /// <param name="Ports">By the number of the port.</param>
    private sealed record WorkloadMode(PeerAuthentication? Policy, StatedPeerMode Other, Dictionary<int, StatedPeerMode> Ports)
    {
        public bool MayBeStrict => Other.Mode == PeerMode.Strict || Ports.Values.Any(static port => port.Mode == PeerMode.Strict);

        public static WorkloadMode Of(PeerAuthentication policy, StatedPeerMode inherited)
        {
            var ports = new Dictionary<int, StatedPeerMode>();
            foreach (var (text, mtls) in policy.Spec.PortLevelMtls ?? [])
            {
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && Read(policy, mtls) is { } stated)
                {
                    ports[port] = stated;
                }
            }

            return new(policy, Read(policy, policy.Spec.Mtls) ?? inherited, ports);
        }
    }
}
