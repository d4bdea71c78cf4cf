using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Verification;

/// <summary>
/// A caller with an identity of a mesh that this process listens to: exactly one URI, a SPIFFE ID of one of the trust domains, and vouched for by the
/// authorities of that domain.
/// </summary>
internal sealed class CallerCheck(CallerTrust trust, DateTimeOffset now) : PeerCheck(trust.Anchors, now, PeerRole.Client)
{
    /// <summary>Who it is, and by whose word; null where it was refused, or has not been asked.</summary>
    public Caller? Caller { get; private set; }

    protected override string? Fault(X509Certificate2 leaf, CertificateNames names, IReadOnlyList<X509Certificate2> path)
    {
        if (LeafUse.Fault(leaf, PeerRole.Client) is { } useFault)
        {
            return useFault;
        }

        if (names.Uris is not [var uri])
        {
            return $"its certificate holds {names}, where a mesh identity is exactly one URI";
        }

        if (!SpiffeId.TryParse(uri, out var id))
        {
            return $"its certificate holds {PeerText.Clean(uri)}, which is no SPIFFE ID";
        }

        if (trust.Vouching(id.TrustDomain) is not { } sets)
        {
            return $"it is {PeerText.Clean(uri)}, and callers are taken from the trust domains {trust} alone";
        }

        if (!sets.Any(set => path.Any(set.Holds)))
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

        Caller = new Caller(id, [.. path.Select((one, i) => i == 0 ? leaf : trust.Keep(one))]);
        return null;
    }
}

/// <summary>A caller that has proved who it is.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Path">From what it has shown up to an authority of a bundle; others may be on the way.</param>
internal sealed record Caller(SpiffeId Id, ImmutableArray<X509Certificate2> Path)
{
    /// <summary>What it has shown.</summary>
    public X509Certificate2 Certificate => Path[0];
}
