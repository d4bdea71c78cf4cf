using System.Security.Cryptography.X509Certificates;
using MeshSdk.Model;
using MeshSdk.Security.Revocation;
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
    private readonly RevocationLists _revocations;

    private MeshPeerCheck(NameSet expected, Dictionary<string, List<TrustAnchors>> anchors, RevocationLists revocations, DateTimeOffset now)
        : base([.. anchors.Values.SelectMany(static sets => sets).Distinct()], now) =>
        (_expected, _anchors, _revocations) = (expected, anchors, revocations);

    /// <param name="expected">The identities of which any one is enough.</param>
    /// <param name="trust">Whose word is taken.</param>
    /// <param name="revocations">What was taken back beside what the bundles say.</param>
    /// <param name="mesh">Which trust domains are as good as which.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="IdentityUnavailableException">There are none, or no bundle vouches for any of them.</exception>
    public static MeshPeerCheck Create(NameSet expected, MeshTrust trust, RevocationLists revocations, MeshSettings mesh, DateTimeOffset now)
    {
        if (expected.IsEmpty)
        {
            throw new IdentityUnavailableException("no identity of the endpoint is known, so that nobody can prove to be it");
        }

        var anchors = new Dictionary<string, List<TrustAnchors>>(StringComparer.Ordinal);
        foreach (var text in expected)
        {
            if (SpiffeId.TryParse(text, out var id) && !anchors.ContainsKey(id.TrustDomain))
            {
                anchors.Add(id.TrustDomain, [.. trust.VouchingFor(id.TrustDomain, mesh)]);
            }
        }

        return anchors.Values.Any(static sets => sets.Count > 0)
            ? new MeshPeerCheck(expected, anchors, revocations, now)
            : throw new IdentityUnavailableException(
                $"no trust bundle vouches for {expected}: there are bundles for {trust}, and the mesh is {mesh.TrustDomain}"
                + $"{(mesh.TrustDomainAliases.IsEmpty ? "" : $" with the aliases {string.Join(", ", mesh.TrustDomainAliases)}")}");
    }

    protected override string? Fault(X509Certificate2 leaf, CertificateNames names, IReadOnlyList<X509Certificate2> path)
    {
        if (LeafUse.Fault(leaf) is { } useFault)
        {
            return useFault;
        }

        if (names.Uris is not [var uri])
        {
            return $"its certificate holds {names}, where a mesh identity is exactly one URI; expected: {_expected}";
        }

        if (!_expected.Contains(uri))
        {
            return $"it is {PeerText.Clean(uri)}; expected: {_expected}";
        }

        var root = path[^1];
        if (!SpiffeId.TryParse(uri, out var id) || !_anchors.TryGetValue(id.TrustDomain, out var sets) || !sets.Exists(set => path.Any(set.Holds)))
        {
            return $"it says that it is {PeerText.Clean(uri)}, but {CertificateLabel.Of(root)} is no authority of the trust domain {id?.TrustDomain ?? "of such a name"}";
        }

        foreach (var set in sets)
        {
            if (set.Revocations.Fault(path, Now) is { } revocation)
            {
                return revocation;
            }
        }

        return _revocations.Fault(path, Now);
    }
}
