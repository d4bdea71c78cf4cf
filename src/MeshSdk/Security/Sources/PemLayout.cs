using System.Collections.Immutable;
using MeshSdk.Security.Pem;

namespace MeshSdk.Security.Sources;

/// <summary>What the files of an identity are called in one directory.</summary>
/// <param name="Writer">Who calls them so, for errors.</param>
/// <param name="Certificate">The leaf, and after it its chain.</param>
/// <param name="PrivateKey">The key of the leaf.</param>
/// <param name="TrustBundle">The authorities.</param>
internal sealed record PemLayout(string Writer, string Certificate, string PrivateKey, string TrustBundle)
{
    /// <summary>In the order in which they are looked for.</summary>
    public static ImmutableArray<PemLayout> All { get; } =
    [
        new("istio-agent", "cert-chain.pem", "key.pem", "root-cert.pem"),
        new("cert-manager", "tls.crt", "tls.key", "ca.crt"),
        new("GKE", "certificates.pem", "private_key.pem", "ca_certificates.pem"),
    ];

    public ImmutableArray<string> Names => [Certificate, PrivateKey, TrustBundle];

    public PemFiles In(string directory) =>
        new(Path.Combine(directory, Certificate), Path.Combine(directory, PrivateKey), Path.Combine(directory, TrustBundle));

    /// <summary>Those that are not there.</summary>
    public ImmutableArray<string> MissingIn(string directory) => [.. Names.Where(name => !File.Exists(Path.Combine(directory, name)))];
}
