using MeshSdk;
using MeshSdk.Testing;

namespace GrpcCanary;

/// <summary>What an agent does on a cluster: it gives every workload a certificate of its service account. The authority and all keys are in memory alone.</summary>
internal sealed class Identities : IDisposable
{
    private readonly MeshCertificateAuthority _authority = new("gRPC canary authority");

    /// <summary>The identity that the certificates of an account state, as Istio forms it.</summary>
    public static string IdOf(string account) => SpiffeId.OfServiceAccount("cluster.local", Cluster.Namespace, account).ToString();

    public ICertificateSource Of(string account)
    {
        var source = new InMemoryCertificateSource();
        source.Update(_authority.Issue(IdOf(account)).ToIdentity());
        return source;
    }

    public void Dispose() => _authority.Dispose();
}
