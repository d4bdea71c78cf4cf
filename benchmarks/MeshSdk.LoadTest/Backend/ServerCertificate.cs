using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MeshSdk.LoadTest.Backend;

/// <summary>How ports do mutual TLS: with the certificate of the moment, and with whoever has one of the same authority.</summary>
internal sealed class ServerCertificate
{
    private readonly string _directory;
    private readonly SessionTickets _tickets;
    private volatile Terms _terms;

    public ServerCertificate(string directory, SessionTickets tickets)
    {
        (_directory, _tickets) = (directory, tickets);
        _terms = Read();
    }

    /// <summary>From the next connection on it is what the files hold now.</summary>
    public void Reload() => _terms = Read();

    public void Secure(ListenOptions listen, SslApplicationProtocol protocol) => listen.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = connection => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _terms.Certificate,
            ClientCertificateRequired = true,
            CertificateChainPolicy = _terms.Trust,
            ApplicationProtocols = [protocol],
            AllowTlsResume = _tickets != SessionTickets.None,
        }),
    });

    private Terms Read()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(Path.Combine(_directory, "cert-chain.pem"));
        var leaf = X509Certificate2.CreateFromPemFile(Path.Combine(_directory, "cert-chain.pem"), Path.Combine(_directory, "key.pem"));
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(Path.Combine(_directory, "root-cert.pem"));
        return new Terms(SslStreamCertificateContext.Create(leaf, chain, offline: true), trust);
    }

    private sealed record Terms(SslStreamCertificateContext Certificate, X509ChainPolicy Trust);
}
