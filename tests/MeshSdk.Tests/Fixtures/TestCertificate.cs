using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A certificate that nobody else trusts.</summary>
internal static class TestCertificate
{
    public static X509Certificate2 SelfSigned { get; } = Create();

    /// <summary>What a client sets that trusts it, and nothing else.</summary>
    public static SslClientAuthenticationOptions Trusted() => new()
    {
        RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.GetCertHashString() == SelfSigned.GetCertHashString(),
    };

    private static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=backend", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
