using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Testing.Http;

/// <summary>
/// Keeps a port while nobody listens on it. The system would otherwise hand it to the next outgoing connection, and under load there are many;
/// connecting to it is refused all the same.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>
    /// Whether the port may be listened on while it is still kept, so that there is no moment at which another could take it. Linux alone allows that.
    /// </summary>
    public static bool OutlastsListening => OperatingSystem.IsLinux();

    public PortReservation(int port)
    {
        // Connections of before linger in the system's tables for a minute and would forbid the port without this.
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
    }

    public void Dispose() => _socket.Dispose();
}
