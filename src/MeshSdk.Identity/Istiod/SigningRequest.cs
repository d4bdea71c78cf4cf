using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Identity.Istiod;

/// <summary>
/// A key that was made for one certificate, and the request for it (PKCS#10). The key is in the memory of this process alone. ECDSA P-256: a handshake costs a
/// fraction of the processor time that RSA takes.
/// </summary>
internal sealed class SigningRequest : IDisposable
{
    private SigningRequest(ECDsa key, string pem) => (Key, Pem) = (key, pem);

    public ECDsa Key { get; }

    public string Pem { get; }

    /// <param name="id">Whom it is for; null: not known. Istiod goes by the token alone, but istio-csr wants both to say the same.</param>
    public static SigningRequest Create(SpiffeId? id)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        if (id is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddUri(new Uri(id.ToString()));
            // Critical, as the subject is empty (RFC 5280).
            request.CertificateExtensions.Add(names.Build(critical: true));
        }

        return new(key, request.CreateSigningRequestPem());
    }

    public void Dispose() => Key.Dispose();
}
