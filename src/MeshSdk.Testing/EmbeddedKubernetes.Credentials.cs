using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Testing.Access;

namespace MeshSdk.Testing;

public sealed partial class EmbeddedKubernetes
{
    /// <summary>
    /// Makes a client with <see cref="Address"/> as its base address that trusts the server, and nobody else, by the authority of this moment; after
    /// a rotation it takes a new client. Its time limit is infinite, for watches.
    /// </summary>
    /// <param name="token">As whom it calls; null: as the administrator.</param>
    public HttpClient CreateClient(string? token = null)
    {
        // The client lives as long as its handler does, and so does what it trusts by.
        var authority = X509Certificate2.CreateFromPem(CertificateAuthority);
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new()
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { authority },
                },
            },
        };
        return new(handler)
        {
            BaseAddress = Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token ?? _parts.Tokens.Administrator) },
        };
    }

    /// <summary>Writes a kubeconfig that has the server, its authority and a token in it. Only this user may read the file.</summary>
    /// <param name="path">Where to; what is there is replaced in one step.</param>
    /// <param name="ns">The namespace that commands are for when they name none; null: <c>default</c>.</param>
    /// <param name="token">Null: the administrator's.</param>
    public void WriteKubeconfig(string path, string? ns = null, string? token = null) =>
        CredentialFiles.WriteKubeconfig(path, Address, CertificateAuthority, token ?? _parts.Tokens.Administrator, ns);

    /// <summary>
    /// Writes what a Pod finds in <c>/var/run/secrets/kubernetes.io/serviceaccount</c>: <c>token</c>, <c>ca.crt</c> and <c>namespace</c>. Called
    /// again it writes a new token and the present authority, each file replaced in one step, as the kubelet does.
    /// </summary>
    /// <param name="directory">Made where it is not there.</param>
    /// <param name="ns">The service account's namespace.</param>
    /// <param name="name">The service account's name.</param>
    public void WriteServiceAccount(string directory, string ns, string name) =>
        CredentialFiles.WriteServiceAccount(directory, ns, CertificateAuthority, CreateToken(ns, name));

    /// <summary>Issues a token for a service account, which need not be there.</summary>
    /// <param name="ns">The service account's namespace.</param>
    /// <param name="serviceAccount">The service account's name.</param>
    /// <param name="lifetime">By the cluster's clock; null: one hour.</param>
    public string CreateToken(string ns, string serviceAccount, TimeSpan? lifetime = null) =>
        _parts.Tokens.Issue(ns, serviceAccount, lifetime).Token;
}
