using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Verification;

/// <summary>Anybody, where a policy asks for that in so many words.</summary>
internal sealed class AnyPeerCheck(DateTimeOffset now) : PeerCheck([], now)
{
    protected override string? Fault(X509Certificate2 leaf, CertificateNames names, X509Chain chain) => null;

    protected override string? Fault(X509Certificate2 leaf, CertificateNames names, IReadOnlyList<X509Certificate2> path) => null;
}
