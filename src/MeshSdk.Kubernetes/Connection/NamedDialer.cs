using System.Net.Security;
using System.Net.Sockets;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>
/// Dials a server whose certificate is for another name than its address (<c>tls-server-name</c>). The handler itself always takes the name from the
/// request.
/// </summary>
internal sealed class NamedDialer(string name, SslClientAuthenticationOptions tls)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = name,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                ClientCertificateContext = tls.ClientCertificateContext,
                CertificateChainPolicy = tls.CertificateChainPolicy,
            };
            await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
