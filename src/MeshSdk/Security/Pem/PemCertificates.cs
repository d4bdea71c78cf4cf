using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Pem;

/// <summary>Certificates and revocation lists out of PEM texts.</summary>
internal static class PemCertificates
{
    /// <summary>The certificates of a text, in their order; what else is in it, a key for instance, is left alone.</summary>
    /// <exception cref="PemException">It holds none, or one that cannot be read.</exception>
    public static List<X509Certificate2> Read(ReadOnlySpan<byte> text, string source)
    {
        var certificates = new List<X509Certificate2>();
        PemBlocks.Read(text, source, (label, content) =>
        {
            if (label is "CERTIFICATE" or "X509 CERTIFICATE")
            {
                certificates.Add(Load(content, $"{source}: certificate {certificates.Count + 1}"));
            }
        });
        return certificates.Count > 0 ? certificates : throw new PemException($"{source} holds no PEM certificate") { MayPass = false };
    }

    /// <summary>The revocation lists of a text, as DER.</summary>
    /// <exception cref="PemException">It holds none, or one that cannot be read.</exception>
    public static List<ReadOnlyMemory<byte>> ReadRevocationLists(ReadOnlySpan<byte> text, string source)
    {
        var lists = new List<ReadOnlyMemory<byte>>();
        PemBlocks.Read(text, source, (label, content) =>
        {
            if (label == "X509 CRL")
            {
                lists.Add(IsOneSequence(content) ? content.ToArray() : throw new PemException($"{source}: revocation list {lists.Count + 1} cannot be read"));
            }
        });
        return lists.Count > 0 ? lists : throw new PemException($"{source} holds no PEM revocation list (X509 CRL)") { MayPass = false };
    }

    private static X509Certificate2 Load(ReadOnlySpan<byte> content, string what)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(content);
        }
        catch (CryptographicException e)
        {
            throw new PemException($"{what} cannot be read: {e.Message}", e) { MayPass = false };
        }
    }

    private static bool IsOneSequence(ReadOnlySpan<byte> content) =>
        AsnDecoder.TryReadEncodedValue(content, AsnEncodingRules.DER, out var tag, out _, out _, out var length)
        && length == content.Length && tag.HasSameClassAndValue(Asn1Tag.Sequence);
}
