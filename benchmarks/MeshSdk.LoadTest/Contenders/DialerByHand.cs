using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Benchmarks.Shared;
using MeshSdk.Security.Verification;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>
/// Mutual TLS as one would write it by hand and well: the certificate made ready once, the chain of the peer built once and by the mesh's authority alone, and its
/// one URI compared.
/// </summary>
internal sealed class DialerByHand(LoadMembers members, HttpProtocol protocol)
{
    private readonly SslStreamCertificateContext _certificate = SslStreamCertificateContext.Create(members.CallerCertificate.Certificate, null, offline: true);
    private readonly X509ChainPolicy _trust = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        CustomTrustStore = { X509Certificate2.CreateFromPem(members.RootPem) },
    };

    public async ValueTask<Stream> DialAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(Options(), cancellationToken);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>How a connection is secured.</summary>
    public SslClientAuthenticationOptions Options() => new()
    {
        TargetHost = "outbound_.80_._.backend.default.svc.cluster.local",
        ClientCertificateContext = _certificate,
        CertificateChainPolicy = _trust,
        ApplicationProtocols = [protocol == HttpProtocol.Http1 ? SslApplicationProtocol.Http11 : SslApplicationProtocol.Http2],
        RemoteCertificateValidationCallback = static (_, certificate, _, errors) =>
            (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None
            && CertificateNames.Of((X509Certificate2)certificate!).Uris is [CanaryManifests.Identity],
    };
}
