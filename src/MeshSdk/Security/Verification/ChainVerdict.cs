using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Revocation;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Verification;

/// <summary>What the chain that the platform has built is worth, in words that say which certificate fails by which check.</summary>
internal static class ChainVerdict
{
    /// <param name="chain">From the leaf up.</param>
    /// <param name="anchors">Whose word is taken; null: the platform knows that.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null where it ends in trust; else why it does not.</returns>
    public static string? Fault(X509Chain chain, IReadOnlyList<TrustAnchors>? anchors, DateTimeOffset now)
    {
        var elements = chain.ChainElements;
        if (elements.Count == 0)
        {
            return "the chain of its certificate cannot be built";
        }

        var last = elements[^1].Certificate;
        var endsInAnchor = anchors is null || anchors.Any(set => set.Holds(last));
        if (anchors is not null && endsInAnchor && chain.ChainStatus is [{ Status: X509ChainStatusFlags.PartialChain }] && IsSigned(elements))
        {
            // An authority that is trusted may itself be under another that nobody has heard of, and the platform trusts roots alone.
            return null;
        }

        foreach (var element in elements)
        {
            foreach (var status in element.ChainElementStatus)
            {
                if (status.Status is not X509ChainStatusFlags.NoError)
                {
                    return Describe(element.Certificate, last, status, anchors, now);
                }
            }
        }

        foreach (var status in chain.ChainStatus)
        {
            if (status.Status is not X509ChainStatusFlags.NoError)
            {
                return Describe(elements[0].Certificate, last, status, anchors, now);
            }
        }

        return endsInAnchor ? null : Untrusted(last, anchors);
    }

    private static string Describe(X509Certificate2 certificate, X509Certificate2 last, X509ChainStatus status, IReadOnlyList<TrustAnchors>? anchors, DateTimeOffset now)
    {
        var which = CertificateLabel.Of(certificate);
        return status.Status switch
        {
            X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain => Untrusted(last, anchors),
            X509ChainStatusFlags.NotTimeValid when certificate.NotBefore.ToUniversalTime() > now.UtcDateTime =>
                $"its certificate {which} is not valid yet: it is from {certificate.NotBefore.ToUniversalTime():u}, and it is {now:u}",
            X509ChainStatusFlags.NotTimeValid => $"its certificate {which} expired at {certificate.NotAfter.ToUniversalTime():u}, and it is {now:u}",
            X509ChainStatusFlags.NotValidForUsage => $"its certificate {which} is not for servers: extended key usage lacks serverAuth (1.3.6.1.5.5.7.3.1)",
            X509ChainStatusFlags.NotSignatureValid => $"the signature of its certificate {which} is not that of the authority that it names, '{certificate.Issuer}'",
            _ => $"its certificate {which} fails the check {status.Status}: {status.StatusInformation.Trim()}",
        };
    }

    private static string Untrusted(X509Certificate2 last, IReadOnlyList<TrustAnchors>? anchors) =>
        $"no trusted authority vouches for its certificate: the chain ends with {CertificateLabel.Of(last)}, issued by '{last.Issuer}'; trusted: "
        + (anchors is null ? "what this machine trusts" : string.Join("; ", anchors));

    // The platform need not have looked at the signatures of a chain that it gave up.
    private static bool IsSigned(X509ChainElementCollection elements)
    {
        for (var i = 0; i + 1 < elements.Count; i++)
        {
            if (!SignedDocument.Read(elements[i].Certificate.RawData).IsSignedBy(elements[i + 1].Certificate))
            {
                return false;
            }
        }

        return true;
    }
}
