using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Kubernetes.Tests.Fixtures;

/// <summary>
/// Keeps the port of a server that is away and will come back: the tests beside this one are given ports and connections all the time, and one of them
/// would get it. Connecting to it is refused. Only Linux allows to listen on a port that is kept, so elsewhere it is not.
/// </summary>
internal sealed class KeptPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public KeptPort(int port)
    {
        Number = port;
        if (OperatingSystem.IsLinux())
        {
            // What is left of the connections of before would forbid the port without this.
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }
    }

    public int Number { get; }

    public void Dispose() => _socket.Dispose();
}
