using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Revocation;

/// <summary>What certificates and revocation lists have in common (RFC 5280, 4.1 and 5.1): a content, an algorithm and a signature over the content.</summary>
internal sealed class SignedDocument
{
    private const string Pss = "1.2.840.113549.1.1.10";

    private readonly ReadOnlyMemory<byte> _signature;
    private readonly string _algorithm;
    private readonly HashAlgorithmName _hash;

    private SignedDocument(ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> identifier, ReadOnlyMemory<byte> signature)
    {
        (Content, AlgorithmIdentifier, _signature) = (content, identifier, signature);
        var reader = new AsnReader(identifier, AsnEncodingRules.DER).ReadSequence();
        _algorithm = reader.ReadObjectIdentifier();
        _hash = _algorithm switch
        {
            "1.2.840.10045.4.3.2" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
            "1.2.840.10045.4.3.3" or "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
            "1.2.840.10045.4.3.4" or "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
            Pss => PssHash(reader),
            _ => throw new CryptographicException($"signature algorithm {_algorithm} is not supported: use ECDSA or RSA with SHA-256 or better"),
        };
    }

    /// <summary>What is signed, as DER.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>As DER.</summary>
    public ReadOnlyMemory<byte> AlgorithmIdentifier { get; }

    /// <exception cref="AsnContentException">It is no such document.</exception>
    /// <exception cref="CryptographicException">It is signed in a way that is too weak, or unknown.</exception>
    public static SignedDocument Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var reader = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var content = reader.ReadEncodedValue();
        var identifier = reader.ReadEncodedValue();
        var signature = reader.ReadBitString(out var unused);
        reader.ThrowIfNotEmpty();
        return unused == 0 ? new SignedDocument(content, identifier, signature) : throw new AsnContentException("a signature is whole bytes");
    }

    public bool IsSignedBy(X509Certificate2 authority)
    {
        try
        {
            if (_algorithm.StartsWith("1.2.840.10045.", StringComparison.Ordinal))
            {
                using var ecdsa = authority.GetECDsaPublicKey();
                return ecdsa?.VerifyData(Content.Span, _signature.Span, _hash, DSASignatureFormat.Rfc3279DerSequence) is true;
            }

            using var rsa = authority.GetRSAPublicKey();
            return rsa?.VerifyData(Content.Span, _signature.Span, _hash, _algorithm == Pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1) is true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // RFC 4055, 3.1: [0] is the hash. The other parameters follow from it wherever they are sound, and a signature that has others does not verify.
    private static HashAlgorithmName PssHash(AsnReader identifier)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        var parameters = identifier.HasData ? identifier.ReadSequence() : null;
        var hash = parameters is { HasData: true } && parameters.PeekTag().HasSameClassAndValue(tag)
            ? parameters.ReadSequence(tag).ReadSequence().ReadObjectIdentifier()
            : "SHA-1";
        return hash switch
        {
            "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
            "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
            "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
            _ => throw new CryptographicException($"RSASSA-PSS with {hash} is not supported: use SHA-256 or better"),
        };
    }
}
