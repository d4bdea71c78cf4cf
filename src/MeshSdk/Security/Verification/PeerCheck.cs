using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Verification;

/// <summary>Whether the other side of one connection is whom it should be. Asked once, after the platform has built its chain by the policy.</summary>
/// <param name="anchors">Whose word is taken; null: the word of whom the machine trusts.</param>
/// <param name="now">The time.</param>
/// <param name="role">What it is in the connection.</param>
internal abstract class PeerCheck(IReadOnlyList<TrustAnchors>? anchors, DateTimeOffset now, PeerRole role = PeerRole.Server)
{
    /// <summary>How the chain is built.</summary>
    public X509ChainPolicy Policy { get; } = anchors is null ? ChainPolicies.System(now) : ChainPolicies.Trusting(anchors, now, role);

    /// <summary>Why the peer was refused, for people; null where it was not, or has not been asked.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Whether it has shown a certificate at all.</summary>
    public bool HasShown { get; private set; }

    /// <summary>The one URI of its certificate; null where it has none, or several.</summary>
    public string? Identity { get; private set; }

    /// <summary>Until when its certificate holds, and all that vouch for it.</summary>
    public DateTime NotAfter { get; private set; }

    protected DateTimeOffset Now => now;

    /// <summary>What TLS calls. A name that does not fit the one that was dialled is no error here: what has to fit is checked below.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf || chain is null)
        {
            Refusal = "it shows no certificate";
            return false;
        }

        HasShown = true;
        try
        {
            var names = CertificateNames.Of(leaf);
            Identity = names.Uris is [var uri] ? uri : null;
            NotAfter = leaf.NotAfter.ToUniversalTime();
            Refusal = Fault(leaf, names, chain);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException)
        {
            Refusal = $"its certificate cannot be read: {PeerText.Clean(e.Message)}";
        }

        return Refusal is null;
    }

    /// <summary>What is checked, in the order in which it means anything: what an unknown authority has written into a certificate is nobody's word.</summary>
    /// <returns>Null where it is whom it should be; else which check failed, what was expected and what came.</returns>
    protected virtual string? Fault(X509Certificate2 leaf, CertificateNames names, X509Chain chain)
    {
        if (ChainVerdict.Fault(chain, anchors, now, out var path, role) is not { } fault)
        {
            return FaultOf(leaf, names, path);
        }

        foreach (var policy in Namesakes.PoliciesFor(anchors, chain, now, role))
        {
            using var other = new X509Chain { ChainPolicy = policy };
            other.Build(leaf);
            if (ChainVerdict.Fault(other, anchors, now, out path, role) is null)
            {
                return FaultOf(leaf, names, path);
            }
        }

        return fault;
    }

    /// <param name="leaf">What it has shown.</param>
    /// <param name="names">Whom that names.</param>
    /// <param name="path">From the leaf up to one that is trusted.</param>
    /// <returns>As above.</returns>
    protected abstract string? Fault(X509Certificate2 leaf, CertificateNames names, IReadOnlyList<X509Certificate2> path);

    private string? FaultOf(X509Certificate2 leaf, CertificateNames names, ImmutableArray<X509Certificate2> path)
    {
        NotAfter = path.Min(static certificate => certificate.NotAfter.ToUniversalTime());
        return Fault(leaf, names, path);
    }
}
