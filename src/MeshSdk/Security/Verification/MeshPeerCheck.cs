using System.Security.Cryptography.X509Certificates;
using MeshSdk.Model;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Verification;

/// <summary>
/// A peer with an identity of a mesh: exactly one URI, one of those expected, and vouched for by the authorities of that identity's own trust domain.
/// DNS names and what the machine trusts say nothing about it.
/// </summary>
internal sealed class MeshPeerCheck : PeerCheck
{
    private readonly NameSet _expected;
    private readonly Dictionary<string, List<TrustAnchors>> _anchors;
    private readonly DateTimeOffset _now;

    private MeshPeerCheck(NameSet expected, Dictionary<string, List<TrustAnchors>> anchors, DateTimeOffset now)
    {
        (_expected, _anchors, _now) = (expected, anchors, now);
        Policy = ChainPolicies.Trusting(anchors.Values.SelectMany(static sets => sets).Distinct(), now);
    }

    public override X509ChainPolicy Policy { get; }

    /// <param name="expected">The identities of which any one is enough; where there are none, nobody is.</param>
    /// <param name="trust">Whose word is taken.</param>
    /// <param name="mesh">Which trust domains are as good as which.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="IdentityUnavailableException">No bundle vouches for any of the identities.</exception>
    public static MeshPeerCheck Create(NameSet expected, MeshTrust trust, MeshSettings mesh, DateTimeOffset now)
    {
        var anchors = new Dictionary<string, List<TrustAnchors>>(StringComparer.Ordinal);
        foreach (var text in expected)
        {
            if (SpiffeId.TryParse(text, out var id) && !anchors.ContainsKey(id.TrustDomain))
            {
                anchors.Add(id.TrustDomain, [.. trust.VouchingFor(id.TrustDomain, mesh)]);
            }
        }

        return expected.IsEmpty || anchors.Values.Any(static sets => sets.Count > 0)
            ? new MeshPeerCheck(expected, anchors, now)
            : throw new IdentityUnavailableException(
                $"no trust bundle vouches for {expected}: there are bundles for {trust}, and the mesh is {mesh.TrustDomain}"
                + $"{(mesh.TrustDomainAliases.IsEmpty ? "" : $" with the aliases {string.Join(", ", mesh.TrustDomainAliases)}")}");
    }

    protected override string? Fault(X509Certificate2 leaf, CertificateNames names, X509Chain chain)
    {
        // In the order in which they mean anything: what an unknown authority has written into a certificate is nobody's word.
        if (ChainVerdict.Fault(chain, IsAnchor, string.Join("; ", All.Select(static set => set.ToString())), _now) is { } chainFault)
        {
            return chainFault;
        }

        if (LeafUse.Fault(leaf) is { } useFault)
        {
            return useFault;
        }

        if (names.Uris is not [var uri])
        {
            return $"its certificate holds {names}, where a mesh identity is exactly one URI; expected: {Expected}";
        }

        if (!_expected.Contains(uri))
        {
            return $"it is {uri}; expected: {Expected}";
        }

        var root = chain.ChainElements[^1].Certificate;
        if (!SpiffeId.TryParse(uri, out var id) || !_anchors.TryGetValue(id.TrustDomain, out var sets) || !sets.Exists(set => set.Holds(root)))
        {
            return $"it says that it is {uri}, but {CertificateLabel.Of(root)} is no authority of the trust domain {id?.TrustDomain ?? "of such a name"}";
        }

        foreach (var set in sets)
        {
            if (set.Revocations.Fault(chain.ChainElements, _now) is { } revocation)
            {
                return revocation;
            }
        }

        return null;
    }

    private string Expected => _expected.IsEmpty ? "nobody, for no identity of the endpoint is known" : _expected.ToString();

    private IEnumerable<TrustAnchors> All => _anchors.Values.SelectMany(static sets => sets).Distinct();

    private bool IsAnchor(X509Certificate2 certificate) => All.Any(set => set.Holds(certificate));
}
