using System.Security.Cryptography.X509Certificates;
using MeshSdk.Model;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Verification;

/// <summary>
/// A caller with an identity of a mesh that this process listens to: exactly one URI, a SPIFFE ID of one of the trust domains, and vouched for by the
/// authorities of that domain.
/// </summary>
internal sealed class CallerCheck : PeerCheck
{
    private readonly Dictionary<string, List<TrustAnchors>> _anchors;

    private CallerCheck(Dictionary<string, List<TrustAnchors>> anchors, DateTimeOffset now)
        : base([.. anchors.Values.SelectMany(static sets => sets).Distinct()], now, PeerRole.Client) => _anchors = anchors;

    /// <summary>Who it is; null where it was refused, or has not been asked.</summary>
    public SpiffeId? Caller { get; private set; }

    /// <param name="trust">Whose word is taken.</param>
    /// <param name="mesh">Which trust domains are as good as which.</param>
    /// <param name="further">Trust domains beside that of the mesh and its aliases.</param>
    /// <param name="now">The time.</param>
    public static CallerCheck Create(MeshTrust trust, MeshSettings mesh, IEnumerable<string> further, DateTimeOffset now) => new(
        new[] { trust.OwnDomain, mesh.TrustDomain }.Concat(mesh.TrustDomainAliases).Concat(further)
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(static domain => domain, domain => trust.VouchingFor(domain, mesh).ToList(), StringComparer.Ordinal),
        now);

    protected override string? Fault(X509Certificate2 leaf, CertificateNames names, IReadOnlyList<X509Certificate2> path)
    {
        if (LeafUse.Fault(leaf, PeerRole.Client) is { } useFault)
        {
            return useFault;
        }

        if (names.Uris is not [var uri] || !SpiffeId.TryParse(uri, out var id))
        {
            return $"its certificate holds {names}, where a mesh identity is exactly one SPIFFE ID";
        }

        if (!_anchors.TryGetValue(id.TrustDomain, out var sets))
        {
            return $"it is {PeerText.Clean(uri)}, and callers are taken from {string.Join(", ", _anchors.Keys)} alone";
        }

        if (!sets.Exists(set => path.Any(set.Holds)))
        {
            return $"it says that it is {PeerText.Clean(uri)}, but {CertificateLabel.Of(path[^1])} is no authority of the trust domain {id.TrustDomain}";
        }

        foreach (var set in sets)
        {
            if (set.Revocations.Fault(path, Now) is { } revocation)
            {
                return revocation;
            }
        }

        Caller = id;
        return null;
    }
}
