using System.Collections.Frozen;
using MeshSdk.Model;
using MeshSdk.Security.Revocation;

namespace MeshSdk.Security.Trust;

/// <summary>
/// The trust bundles of a mesh by trust domain. Each vouches for the identities of its own domain; that of this process also for those of the domains that
/// the mesh calls its aliases. An authority that another domain is trusted by can therefore never make somebody of ours.
/// </summary>
internal sealed class MeshTrust
{
    private readonly FrozenDictionary<string, TrustAnchors> _bundles;

    private MeshTrust(string own, FrozenDictionary<string, TrustAnchors> bundles) => (OwnDomain, _bundles) = (own, bundles);

    /// <summary>The trust domain of this process.</summary>
    public string OwnDomain { get; }

    /// <param name="bundles">As they were delivered; several of one domain count together.</param>
    /// <param name="ownDomain">The trust domain of the identity that they came with.</param>
    /// <exception cref="RevocationListException">A list cannot be read.</exception>
    public static MeshTrust Create(IEnumerable<TrustBundle> bundles, string ownDomain) => new(
        ownDomain,
        bundles
            .GroupBy(bundle => bundle.TrustDomain ?? ownDomain, StringComparer.Ordinal)
            .ToFrozenDictionary(
                static group => group.Key,
                static group => new TrustAnchors(
                    [.. group.SelectMany(static bundle => bundle.Authorities)],
                    new RevocationLists([.. group.SelectMany(static bundle => bundle.RevocationLists).Select(RevocationListReader.Read)], demandsAll: false)),
                StringComparer.Ordinal));

    /// <summary>The sets of authorities that vouch for identities of a trust domain: none, one, or two while a domain with authorities of its own is an alias.</summary>
    public IEnumerable<TrustAnchors> VouchingFor(string trustDomain, MeshSettings mesh)
    {
        if (_bundles.TryGetValue(trustDomain, out var bundle))
        {
            yield return bundle;
        }

        if (trustDomain != OwnDomain && IsOfMesh(trustDomain, mesh) && IsOfMesh(OwnDomain, mesh) && _bundles.TryGetValue(OwnDomain, out var own))
        {
            yield return own;
        }
    }

    /// <summary>Whether every authority is still believed, for the same trust domain, that was before.</summary>
    public bool HoldsAllOf(MeshTrust previous) => previous._bundles.All(
        pair => _bundles.TryGetValue(pair.Key, out var bundle) && bundle.HoldsAllOf(pair.Value));

    /// <summary>For errors: the trust domains that there are bundles of.</summary>
    public override string ToString() => string.Join(", ", _bundles.Keys.Order(StringComparer.Ordinal));

    private static bool IsOfMesh(string trustDomain, MeshSettings mesh) => trustDomain == mesh.TrustDomain || mesh.TrustDomainAliases.Contains(trustDomain);
}
