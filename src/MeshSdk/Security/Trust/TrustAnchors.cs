using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Revocation;

namespace MeshSdk.Security.Trust;

/// <summary>Authorities whose word is taken, and the lists of what they have taken back. Made once for each version of either.</summary>
internal sealed class TrustAnchors(ImmutableArray<X509Certificate2> authorities, RevocationLists revocations)
{
    public ImmutableArray<X509Certificate2> Authorities { get; } = authorities;

    public RevocationLists Revocations { get; } = revocations;

    public bool Holds(X509Certificate2 certificate)
    {
        foreach (var authority in Authorities)
        {
            if (authority.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether every authority is still among them that was before.</summary>
    public bool HoldsAllOf(TrustAnchors previous) => ReferenceEquals(this, previous) || previous.Authorities.All(Holds);

    /// <summary>For errors: whose they are, each name once.</summary>
    public override string ToString() => string.Join("; ", Authorities.Select(static authority => CertificateLabel.Of(authority)).Distinct(StringComparer.Ordinal));
}
