using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Testing;

namespace MeshSdk.Samples.Tests.Echo;

/// <summary>An authority, the folder that it hands a server its identity in, and clients that it vouches for.</summary>
internal sealed class MeshFiles : IDisposable
{
    public static readonly (string Chain, string Key, string Roots) Agent = ("cert-chain.pem", "key.pem", "root-cert.pem");

    private readonly MeshCertificateAuthority _authority = new();
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    public static string IdOf(string account) => $"spiffe://cluster.local/ns/istio-test/sa/{account}";

    public MeshTestCertificate Issue(string account) => _authority.Issue(IdOf(account));

    public void Write((string Chain, string Key, string Roots) layout, MeshTestCertificate certificate)
    {
        Write(layout.Roots, certificate.RootPem);
        Write(layout.Key, certificate.KeyPem);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(System.IO.Path.Combine(_folder.Path, layout.Key), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Write(layout.Chain, certificate.ChainPem);
    }

    public void Write(string file, string text) => File.WriteAllText(System.IO.Path.Combine(_folder.Path, file), text);

    /// <param name="client">Whom it shows itself as; null: nobody.</param>
    /// <param name="onServer">Is told whom the server has shown itself as.</param>
    public HttpClient CreateClient(MeshTestCertificate? client, Action<string>? onServer = null)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(_authority.Certificate);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            var names = ((X509Certificate2)certificate!).Extensions.Single(static extension => extension.Oid?.Value == "2.5.29.17").Format(multiLine: false);
            onServer?.Invoke(names[names.IndexOf("spiffe:", StringComparison.Ordinal)..].Split(',')[0]);
            return (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
        };
        handler.SslOptions.ClientCertificates = client is null ? [] : [client.Certificate];
        return new HttpClient(handler);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }
}
