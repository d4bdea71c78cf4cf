using System.Collections.Immutable;
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
    /// <param name="path">From the leaf up to the authority that is trusted, where there is no fault. What may lie above it was not looked at.</param>
    /// <param name="role">What the peer is in the connection.</param>
    /// <returns>Null where it leads to trust; else why it does not.</returns>
    public static string? Fault(
        X509Chain chain, IReadOnlyList<TrustAnchors>? anchors, DateTimeOffset now, out ImmutableArray<X509Certificate2> path, PeerRole role = PeerRole.Server)
    {
        path = [.. chain.ChainElements.Select(static element => element.Certificate)];
        if (FaultOfWhole(chain, anchors, now, role) is not { } fault)
        {
            return null;
        }

        // An authority that is trusted may itself be under another that is not, whether that was sent or not, and the platform trusts roots alone.
        string? anchorFault = null;
        for (var i = path.Length - 1; i >= 0; i--)
        {
            if (anchors is null || !anchors.Any(set => set.Holds(chain.ChainElements[i].Certificate)) || !FailsAboveAlone(chain, i))
            {
                continue;
            }

            var lower = path[..(i + 1)];
            if (PathFault(lower, now) is not { } lowerFault)
            {
                path = lower;
                return null;
            }

            anchorFault ??= lowerFault;
        }

        return anchorFault ?? fault;
    }

    private static string? FaultOfWhole(X509Chain chain, IReadOnlyList<TrustAnchors>? anchors, DateTimeOffset now, PeerRole role)
    {
        var elements = chain.ChainElements;
        if (elements.Count == 0)
        {
            return "the chain of its certificate cannot be built";
        }

        var last = elements[^1].Certificate;
        var endsInAnchor = anchors is null || anchors.Any(set => set.Holds(last));
        foreach (var element in elements)
        {
            foreach (var status in element.ChainElementStatus)
            {
                if (status.Status is not X509ChainStatusFlags.NoError)
                {
                    return Describe(element.Certificate, last, status, anchors, now, role);
                }
            }
        }

        foreach (var status in chain.ChainStatus)
        {
            if (status.Status is not X509ChainStatusFlags.NoError)
            {
                return Describe(elements[0].Certificate, last, status, anchors, now, role);
            }
        }

        return endsInAnchor ? null : Untrusted(last, anchors);
    }

    private static string Describe(
        X509Certificate2 certificate, X509Certificate2 last, X509ChainStatus status, IReadOnlyList<TrustAnchors>? anchors, DateTimeOffset now, PeerRole role)
    {
        var which = CertificateLabel.Of(certificate);
        return status.Status switch
        {
            X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain => Untrusted(last, anchors),
            X509ChainStatusFlags.NotTimeValid => Untimely(certificate, now),
            X509ChainStatusFlags.NotValidForUsage when role == PeerRole.Server =>
                $"its certificate {which} is not for servers: extended key usage lacks serverAuth (1.3.6.1.5.5.7.3.1)",
            X509ChainStatusFlags.NotValidForUsage => $"its certificate {which} is not for clients: extended key usage lacks clientAuth (1.3.6.1.5.5.7.3.2)",
            X509ChainStatusFlags.NotSignatureValid => Unsigned(certificate),
            _ => $"its certificate {which} fails the check {status.Status}: {status.StatusInformation.Trim()}",
        };
    }

    private static string Untrusted(X509Certificate2 last, IReadOnlyList<TrustAnchors>? anchors) =>
        $"no trusted authority vouches for its certificate: the chain ends with {CertificateLabel.Of(last)}, issued by '{PeerText.Clean(last.Issuer)}'; trusted: "
        + (anchors is null ? "what this machine trusts" : string.Join("; ", anchors));

    private static string Unsigned(X509Certificate2 certificate) =>
        $"the signature of its certificate {CertificateLabel.Of(certificate)} is not that of the authority that it names, '{PeerText.Clean(certificate.Issuer)}'";

    private static string Untimely(X509Certificate2 certificate, DateTimeOffset now) => certificate.NotBefore.ToUniversalTime() > now.UtcDateTime
        ? $"its certificate {CertificateLabel.Of(certificate)} is not valid yet: it is from {certificate.NotBefore.ToUniversalTime():u}, and it is {now:u}"
        : $"its certificate {CertificateLabel.Of(certificate)} expired at {certificate.NotAfter.ToUniversalTime():u}, and it is {now:u}";

    // Whether the platform has found nothing up to that element but that it does not know the end of the chain.
    private static bool FailsAboveAlone(X509Chain chain, int anchor)
    {
        var above = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;
        for (var i = 0; i < chain.ChainElements.Count; i++)
        {
            foreach (var status in chain.ChainElements[i].ChainElementStatus)
            {
                if (i > anchor)
                {
                    above |= status.Status;
                }
                else if (status.Status is not (X509ChainStatusFlags.NoError or X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot))
                {
                    return false;
                }
            }
        }

        return Array.TrueForAll(chain.ChainStatus, status => (status.Status & ~above) == 0);
    }

    // The platform need not have looked at the signatures and the times of a chain that it gave up.
    private static string? PathFault(ImmutableArray<X509Certificate2> path, DateTimeOffset now)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i].NotBefore.ToUniversalTime() > now.UtcDateTime || path[i].NotAfter.ToUniversalTime() <= now.UtcDateTime)
            {
                return Untimely(path[i], now);
            }

            if (i + 1 < path.Length && !SignedDocument.Read(path[i].RawData).IsSignedBy(path[i + 1]))
            {
                return Unsigned(path[i]);
            }
        }

        return null;
    }
}
