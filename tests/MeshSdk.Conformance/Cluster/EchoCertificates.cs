using System.Security.Cryptography.X509Certificates;
using MeshSdk.Testing;

namespace MeshSdk.Conformance.Cluster;

/// <summary>What the servers show on their port for TLS, and the authorities that callers are told to trust.</summary>
internal sealed class EchoCertificates : IDisposable
{
    /// <summary>The container's port for TLS.</summary>
    public const int Port = 8443;

    public const string DnsName = "abc.example.com";
    public const string Uri = "spiffe://abc.example.com/test-identity";

    /// <summary>Holds the authority that the servers' certificate is of.</summary>
    public const string ConfigMap = "tls-checks-ca-certificate";

    /// <summary>Holds another one.</summary>
    public const string StrangersConfigMap = "mismatch-ca-certificate";

    private readonly MeshCertificateAuthority _authority = new("Conformance authority");
    private readonly MeshCertificateAuthority _stranger = new("Another authority");

    public EchoCertificates() => ByPort = new Dictionary<int, X509Certificate2>
    {
        [Port] = _authority.Issue(spiffeId: null, new MeshTestCertificateOptions { DnsNames = [DnsName], Uris = [Uri] }).Certificate,
    };

    public IReadOnlyDictionary<int, X509Certificate2> ByPort { get; }

    public string Authority => _authority.RootPem;

    public string Stranger => _stranger.RootPem;

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
    }
}
