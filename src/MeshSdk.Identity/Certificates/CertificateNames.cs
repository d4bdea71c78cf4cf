using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Identity.Certificates;

/// <summary>The names in a certificate that are URIs, for which the platform has no reader.</summary>
internal static class CertificateNames
{
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <exception cref="IdentitySourceException">The extension is no list of names.</exception>
    public static List<string> UrisOf(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        try
        {
            foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
            {
                var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (names.HasData)
                {
                    if (names.PeekTag().HasSameClassAndValue(Uri))
                    {
                        uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                    }
                    else
                    {
                        names.ReadEncodedValue();
                    }
                }
            }
        }
        catch (AsnContentException)
        {
            throw new IdentitySourceException("its certificate has names (subjectAltName) that cannot be read");
        }

        return uris;
    }
}
