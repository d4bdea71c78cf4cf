namespace MeshSdk.Model;

/// <summary>TLS that a cluster demands of its callers: who the endpoints have to prove to be, and to whom they must be known.</summary>
internal sealed record ClusterTls
{
    /// <summary>What says so, for people, as in <c>DestinationRule ns/name</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>What endpoints are spoken to by that are not spoken to in plaintext; never <see cref="TlsMode.None"/>.</summary>
    public TlsMode Mode { get; init; } = TlsMode.Simple;

    /// <summary>
    /// Sent as SNI; null: the name that was dialled. But for <see cref="TlsMode.Istio"/> it is the name to be proved where neither <see cref="DnsNames"/>
    /// nor <see cref="Uris"/> lists any. With <see cref="TlsMode.Istio"/> each endpoint has to prove one of its own <see cref="EndpointModel.SubjectAltNames"/>.
    /// </summary>
    public string? ServerName { get; init; }

    /// <summary>Names of which any one is enough, together with <see cref="Uris"/>.</summary>
    public NameSet DnsNames { get; init; } = [];

    /// <summary>URIs of which any one is enough, together with <see cref="DnsNames"/>.</summary>
    public NameSet Uris { get; init; } = [];

    /// <summary>By whose word endpoints prove who they are.</summary>
    public TlsTrust Trust { get; init; } = TlsTrust.System;

    /// <summary>What the caller shows; null: its identity in the mesh with <see cref="TlsMode.Istio"/>, else nothing.</summary>
    public TlsCredential? Credential { get; init; }

    /// <summary>Whether anybody may be at the other end. Somebody has asked for that in so many words.</summary>
    public bool SkipsVerification { get; init; }

    /// <summary>Why no endpoint can ever satisfy it, for people; null where one may. Calls are refused then, and never sent in plaintext.</summary>
    public string? Fault { get; init; }
}
