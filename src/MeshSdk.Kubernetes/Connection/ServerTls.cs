using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>
/// How the server's certificate is verified: by the cluster's authority <em>and</em> for the server's name. KubernetesClient's own callback overlooks the
/// name wherever an authority is given, so that any certificate of the cluster would do.
/// </summary>
internal static class ServerTls
{
    public static SslClientAuthenticationOptions Options(ConnectionSettings settings, TlsMaterial material)
    {
        var options = new SslClientAuthenticationOptions { ClientCertificateContext = material.ReadCertificate() };
        if (settings.SkipsVerification)
        {
#pragma warning disable CA5359 // The configuration asks for it, and the log says so.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (material.ReadAuthority() is { } authority)
        {
            // With a policy and no callback the name is checked as well.
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,

                // A certificate that nobody has vouched for yet must not say where to fetch something from.
                DisableCertificateDownloads = true,
            };
            policy.CustomTrustStore.AddRange(authority);
            options.CertificateChainPolicy = policy;
        }

        return options;
    }
}
