using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Testing;

/// <summary>
/// A certificate authority for tests, demos and laptops: it makes certificates of mesh identities as istiod does, and, when told to, such as no peer may
/// accept. Its key is in memory alone. Never one to protect anything with.
/// </summary>
public sealed class MeshCertificateAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TimeProvider _time;
    private readonly X509Certificate2Collection _chain = [];
    private int _serial;

    /// <param name="name">Stands in its certificate.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    public MeshCertificateAuthority(string name = "Mesh test authority", TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        var now = _time.GetUtcNow();
        Certificate = Request(name).CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        Root = this;
    }

    private MeshCertificateAuthority(string name, MeshCertificateAuthority parent)
    {
        _time = parent._time;
        var now = _time.GetUtcNow();
        var issued = Request(name).Create(parent.Certificate, now.AddDays(-1), now.AddYears(5), parent.NextSerial());
        Certificate = issued.CopyWithPrivateKey(_key);
        Root = parent.Root;
        _chain.Add(issued);
        _chain.AddRange(parent._chain);
    }

    /// <summary>Its own certificate, with the key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The one at the top: itself, or that which this one is under.</summary>
    public MeshCertificateAuthority Root { get; }

    /// <summary>What is sent with the certificates that it issues: its own and those above, without the root.</summary>
    public IReadOnlyList<X509Certificate2> Chain => [.. _chain];

    /// <summary>What peers have to trust, as PEM.</summary>
    public string RootPem => Root.Certificate.ExportCertificatePem();

    /// <summary>An authority under this one; what it issues is sent with its certificate.</summary>
    public MeshCertificateAuthority CreateIntermediate(string name = "Mesh test intermediate") => new(name, this);

    /// <summary>Issues a certificate.</summary>
    /// <param name="spiffeId">Its one URI, as in <c>spiffe://cluster.local/ns/istio-test/sa/backend</c>; null where <paramref name="options"/> says all.</param>
    /// <param name="options">What is to be other than in a good certificate.</param>
    public MeshTestCertificate Issue(string? spiffeId, MeshTestCertificateOptions? options = null)
    {
        options ??= new();
        using var key = options.Rsa ? null : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = options.Rsa ? RSA.Create(2048) : null;
        using var issued = Issue(spiffeId, new PublicKey((AsymmetricAlgorithm?)key ?? rsa!), options);
        using var leaf = key is not null ? issued.CopyWithPrivateKey(key) : issued.CopyWithPrivateKey(rsa!);
        return new MeshTestCertificate(leaf, _chain, RootPem);
    }

    /// <summary>Issues a certificate for somebody else's key, as istiod does. Of the request nothing counts but the key.</summary>
    /// <param name="requestPem">PKCS#10 as PEM, signed with the key that it is for.</param>
    /// <param name="spiffeId">The one URI of the certificate; null where <paramref name="options"/> says all.</param>
    /// <param name="options">What is to be other than in a good certificate.</param>
    /// <returns>The certificate, without a key. It is under <see cref="Chain"/>.</returns>
    /// <exception cref="CryptographicException"><paramref name="requestPem"/> is no such request.</exception>
    public X509Certificate2 Sign(string requestPem, string? spiffeId, MeshTestCertificateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(requestPem);
        var request = CertificateRequest.LoadSigningRequestPem(requestPem, HashAlgorithmName.SHA256);
        return Issue(spiffeId, request.PublicKey, options ?? new());
    }

    /// <summary>A list of revoked certificates, signed by this authority, as PEM.</summary>
    public string Revoke(params IEnumerable<MeshTestCertificate> certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in certificates)
        {
            builder.AddEntry(certificate.Certificate);
        }

        var now = _time.GetUtcNow();
        return PemEncoding.WriteString("X509 CRL", builder.Build(Certificate, 1, now.AddDays(7), HashAlgorithmName.SHA256, rsaSignaturePadding: null, thisUpdate: now.AddMinutes(-1)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(string? spiffeId, PublicKey key, MeshTestCertificateOptions options)
    {
        var now = _time.GetUtcNow();
        return options.RequestFor(spiffeId, key).Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), options.NotBefore ?? now.AddMinutes(-2), options.NotAfter ?? now + options.Lifetime, NextSerial());
    }

    private CertificateRequest Request(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private byte[] NextSerial()
    {
        var serial = new byte[12];
        RandomNumberGenerator.Fill(serial);
        serial[0] = 1;
        BitConverter.TryWriteBytes(serial.AsSpan(8), Interlocked.Increment(ref _serial));
        return serial;
    }
}
