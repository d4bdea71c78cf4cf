using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using MeshSdk.Identity.Certificates;

namespace MeshSdk.Identity.Spiffe;

/// <summary>Certificates as DER, one after the other with nothing between, as the Workload API sends chains and bundles.</summary>
internal static class DerCertificates
{
    /// <param name="bytes">What was sent.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="IdentitySourceException">It holds no certificate, or anything else than certificates.</exception>
    public static List<X509Certificate2> Read(ByteString bytes, string what)
    {
        var certificates = new List<X509Certificate2>();
        var rest = bytes.Span;
        try
        {
            while (!rest.IsEmpty)
            {
                AsnDecoder.ReadEncodedValue(rest, AsnEncodingRules.DER, out _, out _, out var length);
                certificates.Add(X509CertificateLoader.LoadCertificate(rest[..length]));
                rest = rest[length..];
            }
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            throw new IdentitySourceException($"{what} is no sequence of certificates in DER");
        }

        return certificates.Count > 0 ? certificates : throw new IdentitySourceException($"{what} is empty");
    }
}
