using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Testing.Controllers.Addresses;

/// <summary>65,536 addresses that differ in their last two bytes; the first and the last are given to nobody.</summary>
/// <param name="network">The first one.</param>
internal sealed class AddressRange(string text, IPAddress network)
{
    public const int Size = 65536;

    /// <summary>Below it lies what people choose by hand, as for a DNS server; addresses that are drawn come from there last.</summary>
    public const int FirstDrawn = 256;

    private readonly byte[] _network = network.GetAddressBytes();

    public static AddressRange V4 { get; } = new("10.96.0.0/16", IPAddress.Parse("10.96.0.0"));

    public static AddressRange V6 { get; } = new("fd00:10:96::/112", IPAddress.Parse("fd00:10:96::"));

    public string Family => network.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    public IPAddress At(int offset)
    {
        var bytes = (byte[])_network.Clone();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(^2..), (ushort)offset);
        return new(bytes);
    }

    /// <summary>Whether an address is one that a Service may have.</summary>
    public bool Contains(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == _network.Length
            && bytes.AsSpan(..^2).SequenceEqual(_network.AsSpan(..^2))
            && BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(^2..)) is > 0 and < Size - 1;
    }

    public static AddressRange Of(string family) => family == "IPv6" ? V6 : V4;

    public static string FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";

    /// <summary>As in <c>10.96.0.0/16</c>.</summary>
    public override string ToString() => text;
}
