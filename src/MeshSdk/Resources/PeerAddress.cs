using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Resources;

/// <summary>An IP address in its canonical form, with a key that sorts as numbers do.</summary>
internal readonly record struct PeerAddress(string Text, bool IsV6, UInt128 Value) : IComparable<PeerAddress>
{
    private const int LongestText = 65;

    /// <summary>
    /// Takes dotted quads and IPv6 addresses. The many other forms that the operating systems understand (<c>10.1</c>, <c>0x7f.1</c>, octal
    /// parts, ports, scopes) are refused, since what wrote them hardly meant them.
    /// </summary>
    public static bool TryParse(string? text, out PeerAddress address)
    {
        address = default;
        if (text is null || text.Contains('[') || text.Contains('%') || !IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        Span<char> canonical = stackalloc char[LongestText];
        parsed.TryFormat(canonical, out var length);
        var isCanonical = canonical[..length].SequenceEqual(text);
        var isV6 = parsed.AddressFamily == AddressFamily.InterNetworkV6;
        if (!isV6 && !isCanonical)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        parsed.TryWriteBytes(bytes, out var count);
        var value = UInt128.Zero;
        foreach (var b in bytes[..count])
        {
            value = (value << 8) | b;
        }

        address = new PeerAddress(isCanonical ? text : new string(canonical[..length]), isV6, value);
        return true;
    }

    public int CompareTo(PeerAddress other)
    {
        var byFamily = IsV6.CompareTo(other.IsV6);
        return byFamily != 0 ? byFamily : Value.CompareTo(other.Value);
    }

    public static bool operator <(PeerAddress left, PeerAddress right) => left.CompareTo(right) < 0;

    public static bool operator >(PeerAddress left, PeerAddress right) => left.CompareTo(right) > 0;

    public static bool operator <=(PeerAddress left, PeerAddress right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PeerAddress left, PeerAddress right) => left.CompareTo(right) >= 0;
}
