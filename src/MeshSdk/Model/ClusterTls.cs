using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>TLS that a cluster demands of its callers: who the endpoints have to prove to be, and to whom they must be known.</summary>
internal sealed record ClusterTls
{
    /// <summary>The policy that says so.</summary>
    public required ServiceId Policy { get; init; }

    /// <summary>Sent as SNI; the name to be proved where neither <see cref="DnsNames"/> nor <see cref="Uris"/> lists any.</summary>
    public required string ServerName { get; init; }

    /// <summary>Names of which any one is enough, together with <see cref="Uris"/>.</summary>
    public ImmutableArray<string> DnsNames { get; init; } = [];

    /// <summary>URIs of which any one is enough, together with <see cref="DnsNames"/>.</summary>
    public ImmutableArray<string> Uris { get; init; } = [];

    /// <summary>Whether whatever the process trusts anyway is trusted here.</summary>
    public bool TrustsSystem { get; init; }

    /// <summary>Where else the certificates of trusted authorities are found, as <c>namespace/name</c> of an object that holds some.</summary>
    public ImmutableArray<string> TrustBundles { get; init; } = [];

    /// <summary>Why no endpoint can ever satisfy it, for people; null where one may. Calls are refused then, and never sent in plaintext.</summary>
    public string? Fault { get; init; }
}
