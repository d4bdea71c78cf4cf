using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Revocation;

/// <summary>What one authority has taken back (RFC 5280, 5). Read once; who signed it is found out once for each authority.</summary>
internal sealed class RevocationList
{
    private readonly ConcurrentDictionary<string, bool> _signers = new(StringComparer.Ordinal);

    public required SignedDocument Document { private get; init; }

    /// <summary>The authority's name, in the form in which names are compared.</summary>
    public required string Issuer { get; init; }

    /// <summary>Which of the authority's keys, where it says so; else empty.</summary>
    public required ReadOnlyMemory<byte> IssuerKey { get; init; }

    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>When there has to be a newer one; null: it does not say.</summary>
    public DateTimeOffset? NextUpdate { get; init; }

    /// <summary>Serial numbers, as hex.</summary>
    public required FrozenSet<string> Revoked { get; init; }

    public bool Revokes(X509Certificate2 certificate) => Revoked.Contains(SerialOf(certificate.SerialNumberBytes.Span));

    /// <summary>Whether it says that it is of this authority. An authority with a new key may keep its name, and its old lists are then of another.</summary>
    public bool Names(X509Certificate2 authority)
    {
        if (!string.Equals(Issuer, authority.SubjectName.Name, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (var extension in authority.Extensions)
        {
            if (extension is X509SubjectKeyIdentifierExtension key && !IssuerKey.IsEmpty)
            {
                return key.SubjectKeyIdentifierBytes.Span.SequenceEqual(IssuerKey.Span);
            }
        }

        return true;
    }

    public bool IsSignedBy(X509Certificate2 authority) =>
        _signers.GetOrAdd(authority.Thumbprint, static (_, pair) => pair.Document.IsSignedBy(pair.authority), (Document, authority));

    /// <summary>One form for numbers that may have been padded differently.</summary>
    public static string SerialOf(ReadOnlySpan<byte> serial) => Convert.ToHexString(serial.TrimStart((byte)0));
}
