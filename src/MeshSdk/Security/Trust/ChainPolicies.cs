using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Trust;

/// <summary>
/// How the platform builds the chain of a peer: for servers, by the mesh's clock, and from what was sent alone. A handshake neither downloads
/// missing certificates nor asks an authority over the network: what it needs is at hand, or the peer is refused.
/// </summary>
internal static class ChainPolicies
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>Such authorities and no others, whatever the machine trusts.</summary>
    public static X509ChainPolicy Trusting(IEnumerable<TrustAnchors> anchors, DateTimeOffset now) =>
        Trusting(anchors.SelectMany(static set => set.Authorities), now);

    /// <inheritdoc cref="Trusting(IEnumerable{TrustAnchors}, DateTimeOffset)"/>
    public static X509ChainPolicy Trusting(IEnumerable<X509Certificate2> authorities, DateTimeOffset now)
    {
        var policy = Create(now);
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (var authority in authorities)
        {
            policy.CustomTrustStore.Add(authority);
        }

        return policy;
    }

    /// <summary>Whatever the machine trusts.</summary>
    public static X509ChainPolicy System(DateTimeOffset now) => Create(now);

    private static X509ChainPolicy Create(DateTimeOffset now) => new()
    {
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        VerificationTime = now.UtcDateTime,
        VerificationTimeIgnored = false,
        ApplicationPolicy = { ServerAuthentication },
    };
}
