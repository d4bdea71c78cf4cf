using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Verification;

/// <summary>Anybody, where a policy asks for that in so many words.</summary>
internal sealed class AnyPeerCheck(DateTimeOffset now) : PeerCheck
{
    public override X509ChainPolicy Policy { get; } = ChainPolicies.Trusting([], now);

    protected override string? Fault(X509Certificate2 leaf, CertificateNames names, X509Chain chain) => null;
}
