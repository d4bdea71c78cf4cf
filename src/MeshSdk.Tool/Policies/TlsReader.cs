using MeshSdk.Model;

namespace MeshSdk.Tool.Policies;

/// <summary>Reads the TLS of a cluster off the model that the data plane obeys.</summary>
internal static class TlsReader
{
    public static EffectiveTls? Read(ClusterModel cluster) => cluster.Tls is not { } tls ? null : new EffectiveTls(
        NameOf(tls.Mode),
        tls.Source is { Length: > 0 } source ? source : null,
        tls.ServerName,
        NamesOf(tls),
        TrustOf(tls.Trust),
        RevocationsOf(tls.Trust),
        ShownBy(tls),
        tls.SkipsVerification,
        tls.Fault);

    public static string NameOf(TlsMode mode) => mode switch
    {
        TlsMode.Istio => "istio",
        TlsMode.Simple => "simple",
        TlsMode.Mutual => "mutual",
        _ => "none",
    };

    /// <summary>The names of which an endpoint proves one: its own with the mutual TLS of the mesh, else those of the cluster.</summary>
    public static IReadOnlyList<string> NamesOf(EndpointModel endpoint, ClusterTls? tls) => endpoint.Tls switch
    {
        TlsMode.None => [],
        TlsMode.Istio => endpoint.SubjectAltNames,
        _ when tls is null or { SkipsVerification: true } => [],
        _ when NamesOf(tls) is { Count: > 0 } names => names,
        _ => tls.ServerName is { } name ? [name] : [],
    };

    private static IReadOnlyList<string> NamesOf(ClusterTls tls) => [.. tls.DnsNames, .. tls.Uris];

    private static string TrustOf(TlsTrust trust) => trust switch
    {
        { Kind: TlsTrustKind.Mesh } => "the trust bundles of the mesh",
        { Kind: TlsTrustKind.System } => "the authorities of the system",
        { AuthoritiesFile: { } file } => $"the authorities in {file}",
        _ => "the authorities of an object",
    };

    private static string? RevocationsOf(TlsTrust trust) =>
        trust.RevocationsFile is { } file ? file : trust.Revocations is null ? null : "those of an object";

    private static string? ShownBy(ClusterTls tls) => tls switch
    {
        { Credential.CertificateFile: { } file } => $"the certificate in {file}",
        { Credential: not null } => "the certificate of an object",
        { Mode: TlsMode.Istio } => "the caller's mesh identity",
        _ => null,
    };
}
