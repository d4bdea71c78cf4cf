using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Model;

namespace MeshSdk.Security.Trust;

/// <summary>
/// Whose word is taken for callers, by trust domain: that of this process, that of the mesh, its aliases, and those that the server lists beside them. Made
/// once for each version of the bundles and of the mesh's settings, and not for each connection.
/// </summary>
internal sealed class CallerTrust
{
    private readonly FrozenDictionary<string, ImmutableArray<TrustAnchors>> _byDomain;
    private readonly ConcurrentDictionary<string, X509Certificate2> _above = new(StringComparer.Ordinal);

    private CallerTrust(FrozenDictionary<string, ImmutableArray<TrustAnchors>> byDomain)
    {
        _byDomain = byDomain;
        Anchors = byDomain.Values.SelectMany(static sets => sets).Distinct().ToArray();
        Unvouched = [.. byDomain.Where(static pair => pair.Value.IsEmpty).Select(static pair => pair.Key).Order(StringComparer.Ordinal)];
    }

    /// <summary>Of all the domains together.</summary>
    public IReadOnlyList<TrustAnchors> Anchors { get; }

    /// <summary>Domains that callers would be taken from, were there a bundle that vouches for them.</summary>
    public ImmutableArray<string> Unvouched { get; }

    /// <param name="trust">The bundles.</param>
    /// <param name="mesh">Which trust domains are as good as which.</param>
    /// <param name="further">Trust domains beside that of the mesh and its aliases. Each is vouched for by its own bundle alone.</param>
    public static CallerTrust Create(MeshTrust trust, MeshSettings mesh, IEnumerable<string> further) => new(
        new[] { trust.OwnDomain, mesh.TrustDomain }.Concat(mesh.TrustDomainAliases).Concat(further)
            .Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(static domain => domain, domain => trust.VouchingFor(domain, mesh).ToImmutableArray(), StringComparer.Ordinal));

    /// <summary>Those who vouch for callers of a domain; null: none is taken from it.</summary>
    public ImmutableArray<TrustAnchors>? Vouching(string trustDomain) => _byDomain.TryGetValue(trustDomain, out var sets) ? sets : null;

    /// <summary>What counts now of a caller who was believed before: one authority of those that have vouched for it is enough, and that none has taken it back.</summary>
    /// <param name="caller">Who it is.</param>
    /// <param name="path">From its certificate up to an authority.</param>
    /// <returns>Null where it is still believed; else why not, for people.</returns>
    public string? Withdrawn(SpiffeId caller, ImmutableArray<X509Certificate2> path)
    {
        if (!_byDomain.TryGetValue(caller.TrustDomain, out var sets) || !sets.Any(set => path.Any(set.Holds)))
        {
            return "nobody is believed any more who vouches for it";
        }

        foreach (var set in sets)
        {
            if (set.Revocations.Revoked(path) is { } revocation)
            {
                return revocation;
            }
        }

        return null;
    }

    /// <summary>
    /// A certificate of a path that may be kept, where TLS disposes of its own: those above a caller are few, and the same for many, so that each is there once.
    /// </summary>
    public X509Certificate2 Keep(X509Certificate2 authority) =>
        _above.GetOrAdd(authority.GetCertHashString(HashAlgorithmName.SHA256), static (_, one) => X509CertificateLoader.LoadCertificate(one.RawData), authority);

    /// <summary>For errors: the domains.</summary>
    public override string ToString() => string.Join(", ", _byDomain.Keys.Order(StringComparer.Ordinal));
}
