using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Revocation;
using MeshSdk.Security.Trust;
using MeshSdk.Security.Verification;

namespace MeshSdk.Identity.Certificates;

/// <summary>
/// What must hold of a certificate before this process shows it to anybody. A peer would refuse one for which it does not, and it would do so at every call;
/// here it is refused once, with the reason, while the identity before still works.
/// </summary>
internal static class LeafChecks
{
    /// <param name="leaf">The certificate.</param>
    /// <param name="intermediates">What comes with it.</param>
    /// <param name="authorities">What it must be under.</param>
    /// <param name="now">By the clock of the mesh.</param>
    /// <returns>The one identity in it.</returns>
    /// <exception cref="IdentitySourceException">A check failed; the message says which.</exception>
    public static SpiffeId Check(
        X509Certificate2 leaf, IEnumerable<X509Certificate2> intermediates, IEnumerable<X509Certificate2> authorities, DateTimeOffset now)
    {
        var uris = UrisOf(leaf);
        if (uris.Length != 1)
        {
            throw new IdentitySourceException($"its certificate has {uris.Length} URIs as names, and an identity has exactly one");
        }

        if (!SpiffeId.TryParse(uris[0], out var id))
        {
            throw new IdentitySourceException($"the URI of its certificate, '{RemoteText.Clean(uris[0])}', is no SPIFFE ID");
        }

        if (leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(static constraints => constraints.CertificateAuthority))
        {
            throw new IdentitySourceException($"the certificate of {id} is that of an authority, and not of a workload");
        }

        if (new DateTimeOffset(leaf.NotAfter) <= now)
        {
            throw new IdentitySourceException($"the certificate of {id} expired at {Utc(leaf.NotAfter)}, and it is {now.UtcDateTime:u} here");
        }

        CheckChain(leaf, intermediates, authorities, now, id);
        return id;
    }

    private static void CheckChain(
        X509Certificate2 leaf, IEnumerable<X509Certificate2> intermediates, IEnumerable<X509Certificate2> authorities, DateTimeOffset now, SpiffeId id)
    {
        // A clock that is a little behind the authority's is no reason to refuse: whether the certificate is valid yet is for peers to say, by theirs.
        var time = Later(new DateTimeOffset(leaf.NotBefore), now);
        var anchors = new TrustAnchors([.. authorities], RevocationLists.None);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.CustomTrustStore.AddRange(anchors.Authorities.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(intermediates.ToArray());
        chain.ChainPolicy.VerificationTime = time.UtcDateTime;
        chain.Build(leaf);
        if (ChainFault(chain, anchors, time) is { } fault)
        {
            throw new IdentitySourceException($"the certificate of {id} does not lead to an authority of the bundle that came with it: {fault}");
        }
    }

    private static string? ChainFault(X509Chain chain, TrustAnchors anchors, DateTimeOffset time)
    {
        try
        {
            return ChainVerdict.Fault(chain, [anchors], time, out _);
        }
        catch (Exception exception) when (exception is CryptographicException or AsnContentException)
        {
            return $"a certificate of its chain cannot be read: {RemoteText.Clean(exception.Message)}";
        }
    }

    private static ImmutableArray<string> UrisOf(X509Certificate2 leaf)
    {
        try
        {
            return CertificateNames.Of(leaf).Uris;
        }
        catch (CryptographicException)
        {
            throw new IdentitySourceException("its certificate has names (subjectAltName) that cannot be read");
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static string Utc(DateTime local) => local.ToUniversalTime().ToString("u", null);
}
