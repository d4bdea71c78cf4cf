using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EchoBackend;

/// <summary>
/// The server's certificate, and the roots that clients are checked against, read from the files that somebody else keeps fresh: Istio's agent, or
/// cert-manager's csi-driver-spiffe. New connections take what the files hold by then; those that exist keep what they have.
/// </summary>
internal sealed class RotatingCertificates(string directory)
{
    private static readonly (string Chain, string Key, string Roots)[] Layouts =
        [("cert-chain.pem", "key.pem", "root-cert.pem"), ("tls.crt", "tls.key", "ca.crt")];

    private readonly Lock _lock = new();
    private (string Version, SslServerAuthenticationOptions Options)? _current;

    /// <exception cref="FileNotFoundException">There are no certificates yet: the connection is refused, and the next one tries again.</exception>
    public SslServerAuthenticationOptions ForNextConnection()
    {
        lock (_lock)
        {
            try
            {
                var files = Find();
                var version = string.Join(' ', files.Select(static file => File.GetLastWriteTimeUtc(file).Ticks));
                if (_current?.Version != version)
                {
                    _current = (version, Read(files));
                }
            }
            catch (Exception e) when (_current is not null && e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                // The files are replaced one after the other: until key and certificate match again the last ones serve.
            }

            return _current!.Value.Options;
        }
    }

    private string[] Find()
    {
        foreach (var (chain, key, roots) in Layouts)
        {
            string[] files = [Path.Combine(directory, chain), Path.Combine(directory, key), Path.Combine(directory, roots)];
            if (Array.TrueForAll(files, File.Exists))
            {
                return files;
            }
        }

        throw new FileNotFoundException($"no certificates in {directory}: cert-chain.pem, key.pem and root-cert.pem, or tls.crt, tls.key and ca.crt are expected");
    }

    private static SslServerAuthenticationOptions Read(string[] files)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(files[0]);
        var leaf = X509Certificate2.CreateFromPemFile(files[0], files[1]);
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,

            // Certificates of a mesh live for hours; nobody publishes revocations of them.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(files[2]);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true),
            ClientCertificateRequired = true,
            CertificateChainPolicy = policy,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
    }
}
