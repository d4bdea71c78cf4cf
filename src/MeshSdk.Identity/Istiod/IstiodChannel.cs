using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using MeshSdk.Identity.Protocol;

namespace MeshSdk.Identity.Istiod;

/// <summary>
/// One connection to the authority, for one request: whoever dials anew believes by the authorities of that moment. TLS is 1.2 at least, and the other side must
/// prove its name by the mesh's own authorities; those of the system count for nothing.
/// </summary>
internal sealed class IstiodChannel : IDisposable
{
    private readonly GrpcChannel _channel;

    public IstiodChannel(IstiodAddress address, IEnumerable<X509Certificate2> roots, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(roots.ToArray());
        var handler = new SocketsHttpHandler
        {
            // A proxy that the environment names is for the world outside.
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                TargetHost = address.ServerName,
                CertificateChainPolicy = policy,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            },
            ConnectCallback = (_, cancellationToken) => ConnectAsync(address, cancellationToken),
        };
        _channel = GrpcChannel.ForAddress(
            $"https://{address.ServerName}:{address.Port}",
            new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    public AsyncUnaryCall<IstioCertificateResponse> Create(IstioCertificateRequest request, Metadata headers, CancellationToken cancellationToken) =>
        new IstioCertificateService.IstioCertificateServiceClient(_channel).CreateCertificateAsync(request, headers, cancellationToken: cancellationToken);

    public void Dispose() => _channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(IstiodAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
