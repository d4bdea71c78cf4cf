using System.Security.Cryptography.X509Certificates;
using MeshSdk.Model;
using MeshSdk.Security.Revocation;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Verification;

/// <summary>A server of the wider world: one of some names, DNS by the rules of RFC 6125 and URIs exactly, by the word of given authorities or of the machine's.</summary>
/// <param name="dnsNames">Of which any one is enough, as is any of <paramref name="uris"/>.</param>
/// <param name="uris">Of which any one is enough, as is any of <paramref name="dnsNames"/>.</param>
/// <param name="anchors">Whose word is taken; null: the word of whom the machine trusts.</param>
/// <param name="revocations">What was taken back.</param>
/// <param name="now">The time.</param>
internal sealed class NamedPeerCheck(NameSet dnsNames, NameSet uris, TrustAnchors? anchors, RevocationLists revocations, DateTimeOffset now)
    : PeerCheck(anchors is null ? null : [anchors], now)
{
    protected override string? Fault(X509Certificate2 leaf, CertificateNames names, IReadOnlyList<X509Certificate2> path) =>
        NameFault(leaf, names) ?? revocations.Fault(path, Now);

    private string? NameFault(X509Certificate2 leaf, CertificateNames names)
    {
        foreach (var uri in names.Uris)
        {
            if (uris.Contains(uri))
            {
                return null;
            }
        }

        foreach (var name in dnsNames)
        {
            if (IsNamed(leaf, name))
            {
                return null;
            }
        }

        return $"its certificate holds {names}; expected: {string.Join(", ", [.. dnsNames, .. uris])}";
    }

    private static bool IsNamed(X509Certificate2 leaf, string name)
    {
        try
        {
            return leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: false);
        }
        catch (ArgumentException)
        {
            // Such a thing is the name of no host, and no certificate can be for it.
            return false;
        }
    }
}
