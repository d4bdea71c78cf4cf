using System.Net.Sockets;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>Keepalive of TCP as options of a socket. They count in whole seconds, and systems take no more than what fits into 15 bits (probes: 7).</summary>
internal static class KeepaliveOptions
{
    private const int MostSeconds = short.MaxValue;
    private const int MostProbes = sbyte.MaxValue;

    public static void Apply(TcpKeepalive? keepalive, Socket socket)
    {
        if (keepalive is null)
        {
            return;
        }

        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        Set(socket, SocketOptionName.TcpKeepAliveTime, Seconds(keepalive.Time));
        Set(socket, SocketOptionName.TcpKeepAliveInterval, Seconds(keepalive.Interval));
        Set(socket, SocketOptionName.TcpKeepAliveRetryCount, keepalive.Probes is { } probes ? Math.Clamp(probes, 1, MostProbes) : null);
    }

    private static void Set(Socket socket, SocketOptionName name, int? value)
    {
        if (value is { } stated)
        {
            socket.SetSocketOption(SocketOptionLevel.Tcp, name, stated);
        }
    }

    private static int? Seconds(TimeSpan? time) => time is { } stated ? (int)Math.Clamp(Math.Ceiling(stated.TotalSeconds), 1, MostSeconds) : null;
}
