using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Samples.Tests.Echo;

/// <summary>A certificate authority, and certificates with the identities of a mesh.</summary>
internal sealed class MeshCertificates : IDisposable
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2120, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    public MeshCertificates()
    {
        var request = new CertificateRequest("CN=root", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _root = request.CreateSelfSigned(Start, End);
    }

    public X509Certificate2 Root => _root;

    public (string Chain, string Key) Issue(string serviceAccount)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"spiffe://cluster.local/ns/istio-test/sa/{serviceAccount}"));
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest($"CN={serviceAccount}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_root, Start, End.AddDays(-1), RandomNumberGenerator.GetBytes(8));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2 Client(string serviceAccount)
    {
        var (chain, key) = Issue(serviceAccount);
        return X509Certificate2.CreateFromPem(chain, key);
    }

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }
}
