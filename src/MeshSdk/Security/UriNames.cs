using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MeshSdk.Security;

/// <summary>The URIs that a certificate is for; the framework reads the DNS names and addresses beside them alone.</summary>
internal static class UriNames
{
    private const string SubjectAltName = "2.5.29.17";

    // RFC 5280: GeneralName is a choice, and this is the uniformResourceIdentifier.
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <returns>None where the certificate has no such names, or says them in a way that cannot be read.</returns>
    public static ImmutableArray<string> Of(X509Certificate2 certificate)
    {
        var uris = ImmutableArray.CreateBuilder<string>();
        try
        {
            foreach (var extension in certificate.Extensions.Where(static one => one.Oid?.Value == SubjectAltName))
            {
                var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (names.HasData)
                {
                    var name = names.ReadEncodedValue();
                    if (Asn1Tag.TryDecode(name.Span, out var tag, out _) && tag.HasSameClassAndValue(Uri))
                    {
                        uris.Add(Encoding.ASCII.GetString(AsnDecoder.ReadOctetString(name.Span, AsnEncodingRules.DER, out _, Uri)));
                    }
                }
            }
        }
        catch (AsnContentException)
        {
            return [];
        }

        return uris.ToImmutable();
    }
}
