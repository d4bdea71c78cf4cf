using MeshSdk;
using MeshSdk.Testing;

namespace CanaryDemo.Identity;

/// <summary>Somebody who runs under a service account, and the certificate that he has at present.</summary>
internal sealed class Workload(string account, MeshTestCertificate certificate)
{
    private volatile MeshTestCertificate _certificate = certificate;

    /// <summary>There is another one.</summary>
    public event Action? Replaced;

    public string Account => account;

    public MeshTestCertificate Certificate => _certificate;

    /// <summary>The identity that every certificate of an account states, as Istio forms it.</summary>
    public static string IdOf(string account) => SpiffeId.OfServiceAccount("cluster.local", Cluster.Namespace, account).ToString();

    public void Replace(MeshTestCertificate certificate)
    {
        _certificate = certificate;
        Replaced?.Invoke();
    }

    /// <summary>The certificate of the moment for a mesh, and each later one.</summary>
    public InMemoryCertificateSource ToSource()
    {
        var source = new InMemoryCertificateSource();
        FeedInto(source);
        return source;
    }

    /// <summary>The same for a mesh that has had none so far.</summary>
    public void FeedInto(InMemoryCertificateSource source)
    {
        Replaced += () => source.Update(_certificate.ToIdentity());
        source.Update(_certificate.ToIdentity());
    }
}
