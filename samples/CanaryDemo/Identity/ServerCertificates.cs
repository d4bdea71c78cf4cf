using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CanaryDemo.Identity;

/// <summary>
/// How a backend answers: by mutual TLS alone, with its certificate of the moment, and to whoever has one of the same authority. New connections take the
/// newest certificate; those that exist keep what they have.
/// </summary>
internal sealed class ServerCertificates
{
    private readonly Workload _workload;
    private volatile SslServerAuthenticationOptions _current;
    private int _connections;

    public ServerCertificates(Workload workload)
    {
        _workload = workload;
        _current = Read();
        workload.Replaced += () =>
        {
            _current = Read();
            Volatile.Write(ref _connections, 0);
        };
    }

    /// <summary>How many connections have begun since the present certificate came.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public SslServerAuthenticationOptions ForNextConnection()
    {
        Interlocked.Increment(ref _connections);
        return _current;
    }

    private SslServerAuthenticationOptions Read()
    {
        var certificate = _workload.Certificate;
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,

            // They live for a minute: nobody would revoke one sooner than it expires.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.ImportFromPem(certificate.RootPem);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, [.. certificate.Chain], offline: true),
            ClientCertificateRequired = true,
            CertificateChainPolicy = trust,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
    }
}
