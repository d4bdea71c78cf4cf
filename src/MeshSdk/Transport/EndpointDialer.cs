using System.Net;
using System.Net.Sockets;
using MeshSdk.Model;
using MeshSdk.Security;

namespace MeshSdk.Transport;

/// <summary>
/// Dials one address, and lays TLS over the connection where it has to be so. It never reads the request that asked for the connection: after a cancel or a
/// fallback that is not the one that will use it.
/// </summary>
internal sealed class EndpointDialer(
    IPEndPoint address, Func<TimeSpan> connectTimeout, TimeProvider time, ConnectionSettings? settings = null, IConnectionWatch? watch = null,
    SecureDial? security = null, HttpProtocol protocol = HttpProtocol.Http1)
{
    private readonly ConnectionSettings _settings = settings ?? ConnectionSettings.Default;

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        watch?.Dialling();
        try
        {
            if (security is not null)
            {
                // Before the clock of the dial runs: that it takes a while until there is an identity is not the endpoint's doing, and nothing is dialled in vain.
                await security.WaitAsync(context.DnsEndPoint.Host, cancellationToken).ConfigureAwait(false);
            }

            return await DialAsync(context, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            watch?.Closed();
            throw;
        }
    }

    private async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var deadline = new DialDeadline(address, connectTimeout(), time);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        DialedStream? connection = null;
        try
        {
            KeepaliveOptions.Apply(_settings.Keepalive, socket);
            await ConnectAsync(socket, deadline, cancellationToken).ConfigureAwait(false);
            connection = new DialedStream(socket, deadline);
            var ready = security is null ? connection : await SecureAsync(connection, context, deadline, cancellationToken).ConfigureAwait(false);
            connection.TellEndTo(watch);
            return ready;
        }
        catch
        {
            connection?.Dispose();
            deadline.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<Stream> SecureAsync(
        DialedStream connection, SocketsHttpConnectionContext context, DialDeadline deadline, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await security!.AuthenticateAsync(connection, protocol, context.DnsEndPoint.Host, deadline.Left, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (deadline.IsOver && !cancellationToken.IsCancellationRequested && e is not IdentityUnavailableException)
        {
            // The socket was closed under the handshake, which has its own words for that.
            throw deadline.Error();
        }
    }

    private async ValueTask ConnectAsync(Socket socket, DialDeadline deadline, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(address, either.Token).ConfigureAwait(false);
            if (_settings.ProxyProtocol != ProxyProtocol.None)
            {
                await IntroduceAsync(socket, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (deadline.IsOver && !cancellationToken.IsCancellationRequested)
        {
            throw deadline.Error();
        }
    }

    private async ValueTask IntroduceAsync(Socket socket, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> preamble = ProxyPreamble.Of(_settings.ProxyProtocol, (IPEndPoint)socket.LocalEndPoint!, address);
        while (!preamble.IsEmpty)
        {
            preamble = preamble[await socket.SendAsync(preamble, cancellationToken).ConfigureAwait(false)..];
        }
    }
}
