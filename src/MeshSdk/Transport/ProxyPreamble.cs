using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>
/// What a connection begins with under the PROXY protocol: who dials whom, before TLS and before HTTP. The source is this process's own end of the
/// connection, for it is itself the client that a proxy would speak for.
/// </summary>
internal static class ProxyPreamble
{
    private const byte Version2Proxy = 0x21;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>The bytes; none where the protocol is not spoken.</summary>
    public static byte[] Of(ProxyProtocol version, IPEndPoint source, IPEndPoint destination)
    {
        var (from, to) = (Plain(source.Address), Plain(destination.Address));
        return version switch
        {
            ProxyProtocol.V1 => Text(from, source.Port, to, destination.Port),
            ProxyProtocol.V2 => Binary(from, source.Port, to, destination.Port),
            _ => [],
        };
    }

    private static byte[] Text(IPAddress from, int fromPort, IPAddress to, int toPort) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"PROXY {(from.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6")} {from} {to} {fromPort} {toPort}\r\n"));

    private static byte[] Binary(IPAddress from, int fromPort, IPAddress to, int toPort)
    {
        var (source, destination) = (from.GetAddressBytes(), to.GetAddressBytes());
        var head = Signature.Length + 4;
        var bytes = new byte[head + source.Length + destination.Length + 4];
        Signature.CopyTo(bytes);
        bytes[Signature.Length] = Version2Proxy;
        bytes[Signature.Length + 1] = from.AddressFamily == AddressFamily.InterNetwork ? TcpOverIPv4 : TcpOverIPv6;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Signature.Length + 2), (ushort)(bytes.Length - head));
        source.CopyTo(bytes, head);
        destination.CopyTo(bytes, head + source.Length);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(bytes.Length - 4), (ushort)fromPort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(bytes.Length - 2), (ushort)toPort);
        return bytes;
    }

    // Over a socket for both families an IPv4 address looks like one of IPv6; neither form of the preamble knows such.
    private static IPAddress Plain(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6 && plain.ScopeId != 0 ? new IPAddress(plain.GetAddressBytes()) : plain;
    }
}
