using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Transport;

/// <summary>The name by which the other end of a connection is known in the mesh: the URI in its certificate (RFC 5280, 4.2.1.6), which has been verified.</summary>
internal static class PeerName
{
    private const string SubjectAltName = "2.5.29.17";
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <returns>Null where there is none.</returns>
    public static string? Of(Stream connection) =>
        connection is SslStream { RemoteCertificate: X509Certificate2 certificate } && certificate.Extensions[SubjectAltName] is { } names ? First(names) : null;

    private static string? First(X509Extension names)
    {
        try
        {
            for (var reader = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence(); reader.HasData; reader.ReadEncodedValue())
            {
                if (reader.PeekTag().HasSameClassAndValue(Uri))
                {
                    return reader.ReadCharacterString(UniversalTagNumber.IA5String, Uri);
                }
            }
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            // Of a peer whom a policy believes whatever its certificate says.
        }

        return null;
    }
}
