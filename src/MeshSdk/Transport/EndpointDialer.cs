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
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ConnectAsync(socket, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask ConnectAsync(Socket socket, CancellationToken cancellationToken)
    {
        var bound = connectTimeout();
        using var timeout = new CancellationTokenSource(bound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(address, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SocketException((int)SocketError.TimedOut, $"No connection to {address} within {bound.TotalSeconds:0.###} s");
        }
    }
}
