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
}
