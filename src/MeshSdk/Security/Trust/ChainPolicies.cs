using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Verification;

namespace MeshSdk.Security.Trust;

/// <summary>
/// How the platform builds the chain of a peer: for what it is in the connection, by the mesh's clock, and from what was sent alone. A handshake neither downloads
/// missing certificates nor asks an authority over the network: what it needs is at hand, or the peer is refused.
/// </summary>
internal static class ChainPolicies
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>Such authorities and no others, whatever the machine trusts.</summary>
    public static X509ChainPolicy Trusting(IEnumerable<TrustAnchors> anchors, DateTimeOffset now, PeerRole role = PeerRole.Server) =>
        Trusting(anchors.SelectMany(static set => set.Authorities), now, role);

    /// <inheritdoc cref="Trusting(IEnumerable{TrustAnchors}, DateTimeOffset, PeerRole)"/>
    public static X509ChainPolicy Trusting(IEnumerable<X509Certificate2> authorities, DateTimeOffset now, PeerRole role)
    {
        var policy = Create(now, role);
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (var authority in authorities)
        {
            policy.CustomTrustStore.Add(authority);
        }

        return policy;
    }

    /// <summary>Whatever the machine trusts.</summary>
    public static X509ChainPolicy System(DateTimeOffset now) => Create(now, PeerRole.Server);

    private static X509ChainPolicy Create(DateTimeOffset now, PeerRole role) => new()
    {
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        VerificationTime = now.UtcDateTime,
        VerificationTimeIgnored = false,
        ApplicationPolicy = { role == PeerRole.Server ? ServerAuthentication : ClientAuthentication },
    };
}
