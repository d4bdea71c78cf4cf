using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Samples.Tests;

/// <summary>
/// A port that nobody else is given until a sample listens there, which takes it a while: all that runs beside this test takes ports too. Only Linux
/// allows to listen on a port that is kept, so elsewhere it is not.
/// </summary>
internal sealed class KeptPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public KeptPort()
    {
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Number = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        if (!OperatingSystem.IsLinux())
        {
            _socket.Dispose();
        }
    }

    public int Number { get; }

    public void Dispose() => _socket.Dispose();
}
