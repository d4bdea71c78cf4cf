namespace MeshSdk.Model;

/// <summary>Whose word is taken for who a peer is, and whose is taken back.</summary>
internal sealed record TlsTrust
{
    /// <summary>The trust bundles of the mesh: that of the trust domain that the peer says it is of.</summary>
    public static TlsTrust Mesh { get; } = new() { Kind = TlsTrustKind.Mesh };

    /// <summary>Whatever the process trusts anyway.</summary>
    public static TlsTrust System { get; } = new() { Kind = TlsTrustKind.System };

    public required TlsTrustKind Kind { get; init; }

    /// <summary>Certificates of authorities, as PEM; for <see cref="TlsTrustKind.Given"/>.</summary>
    public string? Authorities { get; init; }

    /// <summary>A file of such, read again when it changes; for <see cref="TlsTrustKind.Given"/>.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>Lists of revoked certificates, as PEM; null: none.</summary>
    public string? Revocations { get; init; }

    /// <summary>A file of such, read again when it changes; null: none.</summary>
    public string? RevocationsFile { get; init; }
}

internal enum TlsTrustKind
{
    Mesh,
    System,

    /// <summary>What the policy names, and nothing else.</summary>
    Given,
}
