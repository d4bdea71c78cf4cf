using System.Security.Cryptography.X509Certificates;

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
        var uris = CertificateNames.UrisOf(leaf);
        if (uris.Count != 1)
        {
            throw new IdentitySourceException($"its certificate has {uris.Count} URIs as names, and an identity has exactly one");
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
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(intermediates.ToArray());
        // A clock that is a little behind the authority's is no reason to refuse: whether the certificate is valid yet is for peers to say, by theirs.
        chain.ChainPolicy.VerificationTime = Later(leaf.NotBefore.ToUniversalTime(), now.UtcDateTime);
        if (!chain.Build(leaf))
        {
            var why = string.Join(", ", chain.ChainStatus.Select(static status => status.Status).Distinct());
            throw new IdentitySourceException($"the certificate of {id} does not lead to an authority of the bundle that came with it ({why})");
        }
    }

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;

    private static string Utc(DateTime local) => local.ToUniversalTime().ToString("u", null);
}
