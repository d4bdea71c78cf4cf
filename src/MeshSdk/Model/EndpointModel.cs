namespace MeshSdk.Model;

/// <summary>One address that serves a cluster.</summary>
/// <param name="Address">An IP address in its canonical form.</param>
/// <param name="Port">The port on that address, already resolved.</param>
/// <param name="Health">What the control plane last said of it.</param>
internal sealed record EndpointModel(string Address, int Port, EndpointHealth Health)
{
    public Locality Locality { get; init; } = Locality.Unknown;

    /// <summary>0 is tried first.</summary>
    public int Priority { get; init; }

    public int Weight { get; init; } = 1;

    /// <summary>Not for this caller, such as one of another node where each node has its own: never used, and not counted among the others.</summary>
    public bool IsExcluded { get; init; }

    /// <summary>How this endpoint must be spoken to.</summary>
    public TlsMode Tls { get; init; }

    /// <summary>Whether the network encrypts on the way to it, in the place of this process: what is sent there in plaintext is not read on the way.</summary>
    public bool IsTunneled { get; init; }

    /// <summary>Why it is spoken to so, for people; empty where there is nothing to say.</summary>
    public string TlsReason { get; init; } = "";

    /// <summary>The identities of which the endpoint must prove one; no endpoint of <see cref="TlsMode.Istio"/> is spoken to without any.</summary>
    public NameSet SubjectAltNames { get; init; } = [];

    /// <summary>
    /// It has to prove who it is, and nobody can tell who it should be. Others are used instead; where there are none, calls to it are refused. Null where
    /// that is not so, else what is missing, for people.
    /// </summary>
    public string? Withheld { get; init; }

    /// <summary>The uid of its pod, or of what else it is; empty where that is not known.</summary>
    public Guid PodId { get; init; }

    /// <summary>What it is a replica of, as dashboards name it; null where that is not known. Not proven by anything.</summary>
    public string? Workload { get; init; }

    /// <summary>The account that it runs under, in the namespace of its service; null where that is not known. Not proven by anything.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Whether another model of this address may be of the same pod: it is unless both say which one they are of.</summary>
    public bool MayBeSamePod(EndpointModel other) => PodId == other.PodId || PodId == Guid.Empty || other.PodId == Guid.Empty;

    /// <summary><c>address:port</c>, IPv6 addresses in brackets.</summary>
    public string HostPort => Address.Contains(':') ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}

internal enum EndpointHealth
{
    Ready,

    /// <summary>Shutting down but still serving: used only where nothing is ready.</summary>
    Terminating,

    /// <summary>Never used.</summary>
    Unready,
}

/// <summary>The kind of TLS spoken to an endpoint.</summary>
internal enum TlsMode
{
    None,

    /// <summary>Mutual TLS with mesh identities.</summary>
    Istio,
    Simple,
    Mutual,
}
