using System.Net;
using System.Net.Sockets;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>
/// Dials one address. It never reads the request that asked for the connection: after a cancel or a fallback that is not the one that will use it.
/// </summary>
internal sealed class EndpointDialer(
    IPEndPoint address, Func<TimeSpan> connectTimeout, TimeProvider time, ConnectionSettings? settings = null, IConnectionWatch? watch = null)
{
    private readonly ConnectionSettings _settings = settings ?? ConnectionSettings.Default;

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        watch?.Dialling();
        try
        {
            return await DialAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            watch?.Closed();
            throw;
        }
    }

    private async ValueTask<Stream> DialAsync(CancellationToken cancellationToken)
    {
        var deadline = new DialDeadline(address, connectTimeout(), time);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            KeepaliveOptions.Apply(_settings.Keepalive, socket);
            await ConnectAsync(socket, deadline, cancellationToken).ConfigureAwait(false);
            return new DialedStream(socket, deadline, watch);
        }
        catch
        {
            deadline.Dispose();
            socket.Dispose();
            throw;
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
