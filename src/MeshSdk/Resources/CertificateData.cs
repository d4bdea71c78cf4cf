using System.Text.Json.Serialization;
using MeshSdk.Model;

namespace MeshSdk.Resources;

/// <summary>
/// Of what a Secret or a ConfigMap holds the certificates, under the names that Kubernetes (<c>tls.crt</c>) and Istio (<c>cert</c>) have for them. Nothing
/// else of such objects is ever read.
/// </summary>
internal sealed record CertificateData
{
    /// <summary>As PEM, as all of these.</summary>
    [JsonPropertyName("ca.crt")]
    public string? CaCrt { get; init; }

    [JsonPropertyName("cacert")]
    public string? CaCert { get; init; }

    [JsonPropertyName("ca.crl")]
    public string? CaCrl { get; init; }

    [JsonPropertyName("crl")]
    public string? Crl { get; init; }

    [JsonPropertyName("tls.crt")]
    public string? TlsCrt { get; init; }

    [JsonPropertyName("cert")]
    public string? Cert { get; init; }

    [JsonPropertyName("tls.key")]
    public SecretText? TlsKey { get; init; }

    [JsonPropertyName("key")]
    public SecretText? Key { get; init; }

    /// <summary>Whose word is to be taken; null where it says nothing of that. Istio's own name counts first, as istiod has it.</summary>
    public string? Authorities => OrNull(CaCert) ?? OrNull(CaCrt);

    /// <summary>Lists of revoked certificates; null where there are none.</summary>
    public string? Revocations => OrNull(Crl) ?? OrNull(CaCrl);

    /// <summary>What a caller may show of itself; null where it is not all there.</summary>
    public TlsCredential? Credential =>
        Pair(Cert, Key) ?? Pair(TlsCrt, TlsKey);

    /// <summary>With what another one states in the place of its own.</summary>
    public CertificateData With(CertificateData? other) => other is null ? this : new()
    {
        CaCrt = other.CaCrt ?? CaCrt,
        CaCert = other.CaCert ?? CaCert,
        CaCrl = other.CaCrl ?? CaCrl,
        Crl = other.Crl ?? Crl,
        TlsCrt = other.TlsCrt ?? TlsCrt,
        Cert = other.Cert ?? Cert,
        TlsKey = other.TlsKey ?? TlsKey,
        Key = other.Key ?? Key,
    };

    public override string ToString() => nameof(CertificateData);

    private static string? OrNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static TlsCredential? Pair(string? certificate, SecretText? key) =>
        OrNull(certificate) is { } leaf && OrNull(key?.Value) is not null ? new TlsCredential { Certificate = leaf, Key = key } : null;
}
