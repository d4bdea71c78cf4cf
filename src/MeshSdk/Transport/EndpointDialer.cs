using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Transport;

/// <summary>
/// Dials one address. It never reads the request that asked for the connection: after a cancel or a fallback that is not the one that will use it.
/// </summary>
internal sealed class EndpointDialer(IPEndPoint address, Func<TimeSpan> connectTimeout, TimeProvider time)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var deadline = new DialDeadline(address, connectTimeout(), time);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ConnectAsync(socket, deadline, cancellationToken).ConfigureAwait(false);
            return new DialedStream(socket, deadline);
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
        }
        catch (OperationCanceledException) when (deadline.IsOver && !cancellationToken.IsCancellationRequested)
        {
            throw deadline.Error();
        }
    }
}
