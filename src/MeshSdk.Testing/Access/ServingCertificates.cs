using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Testing.Access;

/// <summary>A certificate authority of the server's own and the certificate that it serves with, both replaced by a rotation.</summary>
internal sealed class ServingCertificates : IDisposable
{
    private static readonly string[] Names =
        ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];

    private readonly List<X509Certificate2> _issued = [];
    private volatile State _state;

    public ServingCertificates() => _state = Issue();

    /// <summary>PEM.</summary>
    public string AuthorityPem => _state.AuthorityPem;

    public SslStreamCertificateContext Context => _state.Context;

    /// <summary>What is issued from now on is trusted by nobody who knows only the authority of before.</summary>
    public void Rotate() => _state = Issue();

    public void Dispose()
    {
        foreach (var certificate in _issued)
        {
            certificate.Dispose();
        }
    }

    private State Issue()
    {
        // Certificates are judged by the machine's clock, whatever clock the cluster runs by: wide bounds keep a test's clock out of it.
        var (from, to) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddYears(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityName = $"CN=meshsdk-testing-ca-{Guid.NewGuid():N}";
        var authorityRequest = new CertificateRequest(authorityName, authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        var authority = authorityRequest.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        Array.ForEach(Names, names.AddDnsName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var bare = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        var serving = WithUsableKey(bare.CopyWithPrivateKey(key));
        lock (_issued)
        {
            _issued.Add(authority);
            _issued.Add(serving);
        }

        return new(authority.ExportCertificatePem(), SslStreamCertificateContext.Create(serving, [authority], offline: true));
    }

    // Windows' TLS does not take keys that live in memory alone.
    private static X509Certificate2 WithUsableKey(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    private sealed record State(string AuthorityPem, SslStreamCertificateContext Context);
}
