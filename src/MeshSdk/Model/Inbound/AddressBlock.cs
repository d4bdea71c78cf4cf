using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Model;

/// <summary>
/// A block of addresses, <c>10.0.0.0/8</c>, or a single one. An IPv4 address that comes in the form of an IPv6 one, as it does at a socket for both, is still
/// an IPv4 address, and no other IPv6 address is in a block of IPv4.
/// </summary>
internal readonly record struct AddressBlock
{
    private readonly UInt128 _bits;
    private readonly UInt128 _mask;
    private readonly bool _isIPv4;

    private AddressBlock(UInt128 bits, UInt128 mask, bool isIPv4) => (_bits, _mask, _isIPv4) = (bits & mask, mask, isIPv4);

    /// <summary>Reads a block. Bits behind its prefix may be set, and are not looked at.</summary>
    /// <returns>False where it is none; abbreviated, octal and scoped forms are none, nor is IPv4 that is written as IPv6.</returns>
    public static bool TryParse(string text, out AddressBlock block)
    {
        block = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var written = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(written, out var address) || written.AsSpan().ContainsAny('[', ']', '%') || address.IsIPv4MappedToIPv6)
        {
            return false;
        }

        var isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        var longest = isIPv4 ? 32 : 128;
        var prefix = longest;
        if ((isIPv4 && address.ToString() != written)
            || (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > longest)))
        {
            return false;
        }

        // IPv4 is kept as IPv6 has it, behind a prefix of 96 bits.
        prefix += 128 - longest;
        block = new(AddressBits.Of(address).Bits, prefix == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - prefix), isIPv4);
        return true;
    }

    public bool Contains(AddressBits address) => (address.Bits & _mask) == _bits && address.IsIPv4 == _isIPv4;
}
