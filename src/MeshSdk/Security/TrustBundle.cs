using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk;

/// <summary>The authorities of one trust domain. They vouch for identities of that domain (and of those that the mesh calls its aliases), and for no other.</summary>
public sealed class TrustBundle
{
    /// <param name="trustDomain">The SPIFFE trust domain; null: that of the identity that it comes with.</param>
    /// <param name="authorities">Certificates of authorities. Not disposed.</param>
    /// <param name="revocationLists">Certificate revocation lists (RFC 5280), each as DER.</param>
    /// <exception cref="ArgumentNullException"><paramref name="authorities"/> is null.</exception>
    public TrustBundle(string? trustDomain, IEnumerable<X509Certificate2> authorities, IEnumerable<ReadOnlyMemory<byte>>? revocationLists = null)
    {
        ArgumentNullException.ThrowIfNull(authorities);
        TrustDomain = trustDomain;
        Authorities = [.. authorities];
        RevocationLists = [.. revocationLists ?? []];
    }

    /// <summary>The SPIFFE trust domain; null: that of the identity that it comes with.</summary>
    public string? TrustDomain { get; }

    /// <summary>Certificates of authorities.</summary>
    public ImmutableArray<X509Certificate2> Authorities { get; }

    /// <summary>Certificate revocation lists (RFC 5280), each as DER.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> RevocationLists { get; }
}
