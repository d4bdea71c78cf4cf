using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Model;

/// <summary>An address as <see cref="AddressBlock"/>s look at it, worked out once for all of them.</summary>
/// <param name="Bits">Those of an IPv4 address are where IPv6 has them.</param>
/// <param name="IsIPv4">Whether it is one, in whichever form.</param>
internal readonly record struct AddressBits(UInt128 Bits, bool IsIPv4)
{
    /// <summary>Allocates nothing.</summary>
    public static AddressBits Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            address.TryWriteBytes(bytes, out _);
            return new(BinaryPrimitives.ReadUInt128BigEndian(bytes), address.IsIPv4MappedToIPv6);
        }

        bytes[..10].Clear();
        bytes[10..12].Fill(0xFF);
        address.TryWriteBytes(bytes[12..], out _);
        return new(BinaryPrimitives.ReadUInt128BigEndian(bytes), true);
    }
}
