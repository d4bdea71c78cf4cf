using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Revocation;

/// <summary>
/// Reads certificate revocation lists (RFC 5280, 5.1), which the platform can write and not read. A list that says something critical which is not
/// understood, such as being but a part of another, is refused: taken at face value it would let through who is revoked.
/// </summary>
internal static class RevocationListReader
{
    private const string Label = "X509 CRL";
    private const string AuthorityKeyIdentifier = "2.5.29.35";
    private const string DeltaIndicator = "2.5.29.27";

    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 0);

    /// <summary>Reads every list in a text.</summary>
    /// <exception cref="RevocationListException">There is none, or one cannot be read.</exception>
    public static IEnumerable<RevocationList> ReadPem(string text)
    {
        var lists = new List<RevocationList>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is Label)
            {
                lists.Add(Read(Convert.FromBase64String(rest[fields.Base64Data].ToString())));
            }

            rest = rest[fields.Location.End..];
        }

        return lists.Count > 0 ? lists : throw new RevocationListException($"there is no '-----BEGIN {Label}-----' in it");
    }

    /// <param name="der">The list.</param>
    /// <exception cref="RevocationListException">It cannot be read.</exception>
    public static RevocationList Read(ReadOnlyMemory<byte> der)
    {
        try
        {
            var document = SignedDocument.Read(der);
            return ReadContent(document);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw new RevocationListException($"it is no certificate revocation list that can be read: {e.Message}", e);
        }
    }

    private static RevocationList ReadContent(SignedDocument document)
    {
        var content = new AsnReader(document.Content, AsnEncodingRules.DER).ReadSequence();
        if (content.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            content.ReadInteger();
        }

        if (!content.ReadEncodedValue().Span.SequenceEqual(document.AlgorithmIdentifier.Span))
        {
            throw new RevocationListException("it names one signature algorithm inside and another one outside");
        }

        var issuer = new X500DistinguishedName(content.ReadEncodedValue().Span).Name;
        var thisUpdate = ReadTime(content);
        DateTimeOffset? nextUpdate = content.HasData && IsTime(content.PeekTag()) ? ReadTime(content) : null;
        var revoked = content.HasData && content.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? ReadEntries(content.ReadSequence()) : [];
        ReadOnlyMemory<byte> key = default;
        if (content.HasData)
        {
            key = ReadExtensions(content.ReadSequence(Extensions).ReadSequence());
        }

        content.ThrowIfNotEmpty();
        return new RevocationList
        {
            Document = document,
            Issuer = issuer,
            IssuerKey = key,
            ThisUpdate = thisUpdate,
            NextUpdate = nextUpdate,
            Revoked = revoked.ToFrozenSet(StringComparer.Ordinal),
        };
    }

    private static List<string> ReadEntries(AsnReader entries)
    {
        var serials = new List<string>();
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            serials.Add(RevocationList.SerialOf(entry.ReadIntegerBytes().Span));
            ReadTime(entry);
            if (entry.HasData)
            {
                ReadExtensions(entry.ReadSequence());
            }
        }

        return serials;
    }

    // The one extension that is of use, and nothing critical beside it.
    private static ReadOnlyMemory<byte> ReadExtensions(AsnReader extensions)
    {
        ReadOnlyMemory<byte> key = default;
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var id = extension.ReadObjectIdentifier();
            var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            if (isCritical || id == DeltaIndicator)
            {
                throw new RevocationListException($"it has an extension, {id}, that changes what it means and is not supported: use complete lists of one authority each");
            }

            if (id == AuthorityKeyIdentifier)
            {
                key = new X509AuthorityKeyIdentifierExtension(value).KeyIdentifier ?? default;
            }
        }

        return key;
    }

    private static bool IsTime(Asn1Tag tag) => tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
