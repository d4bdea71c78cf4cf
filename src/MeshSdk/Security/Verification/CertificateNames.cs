using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Verification;

/// <summary>The names that a certificate gives its owner (RFC 5280, 4.2.1.6): URIs, for which the platform has no API, and DNS names.</summary>
/// <param name="Uris">All of them, as they are written.</param>
/// <param name="DnsNames">All of them, as they are written.</param>
internal sealed record CertificateNames(ImmutableArray<string> Uris, ImmutableArray<string> DnsNames)
{
    private const string Extension = "2.5.29.17";

    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    private static readonly CertificateNames None = new([], []);

    /// <exception cref="CryptographicException">They are not what the standard says, so that nobody can tell whom they name.</exception>
    public static CertificateNames Of(X509Certificate2 certificate)
    {
        var names = None;
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != Extension)
            {
                continue;
            }

            if (!ReferenceEquals(names, None))
            {
                throw new CryptographicException("it has two lists of subject alternative names");
            }

            names = Read(extension.RawData);
        }

        return names;
    }

    /// <returns>The one URI of a certificate; null where it has none or several, or its names cannot be read.</returns>
    public static string? UriOf(X509Certificate2 certificate)
    {
        try
        {
            return Of(certificate).Uris is [var uri] ? uri : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <param name="extension">The value of the extension, as DER.</param>
    /// <exception cref="CryptographicException">It is not what the standard says.</exception>
    public static CertificateNames Read(ReadOnlyMemory<byte> extension)
    {
        try
        {
            return Parse(extension);
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException("its subject alternative names cannot be read", e);
        }
    }

    /// <summary>For errors.</summary>
    public override string ToString() => (Uris.IsEmpty, DnsNames.IsEmpty) switch
    {
        (true, true) => "no name",
        (true, false) => $"only DNS names ({List(DnsNames)})",
        (false, true) => List(Uris),
        _ => $"{List(Uris)} and the DNS names {List(DnsNames)}",
    };

    private static string List(ImmutableArray<string> names) => PeerText.Clean(string.Join(", ", names));

    private static CertificateNames Parse(ReadOnlyMemory<byte> extension)
    {
        var uris = ImmutableArray.CreateBuilder<string>();
        var dnsNames = ImmutableArray.CreateBuilder<string>();
        var outer = new AsnReader(extension, AsnEncodingRules.DER);
        var names = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag.HasSameClassAndValue(UriTag))
            {
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
            }
            else if (tag.HasSameClassAndValue(DnsTag))
            {
                dnsNames.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsTag));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }

        return new CertificateNames(uris.ToImmutable(), dnsNames.ToImmutable());
    }
}
