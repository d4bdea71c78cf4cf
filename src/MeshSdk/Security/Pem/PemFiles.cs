namespace MeshSdk.Security.Pem;

/// <summary>The files that an identity is in.</summary>
/// <param name="Certificate">The leaf, and after it its chain.</param>
/// <param name="PrivateKey">The key of the leaf.</param>
/// <param name="TrustBundle">The authorities.</param>
internal sealed record PemFiles(string Certificate, string PrivateKey, string TrustBundle)
{
    /// <summary>What the file of revoked certificates is called beside the others.</summary>
    public const string RevocationsName = "ca-crl.pem";

    /// <summary>Where istiod's is mounted.</summary>
    public const string MountedRevocations = "/var/run/secrets/istio/crl/" + RevocationsName;

    /// <summary>Lists of revoked certificates; null: none.</summary>
    public string? Revocations { get; init; }

    /// <summary>With the lists of revoked certificates, where there are some: beside the authorities, else where istiod's is mounted.</summary>
    public PemFiles WithRevocations()
    {
        var beside = Path.Combine(Path.GetDirectoryName(TrustBundle) ?? "", RevocationsName);
        return this with { Revocations = File.Exists(beside) ? beside : File.Exists(MountedRevocations) ? MountedRevocations : null };
    }
}
