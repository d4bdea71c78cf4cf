using System.Globalization;
using System.Text;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Wire;

/// <summary>Header blocks (RFC 7541) of literals and of what the static table has of <c>:status</c>; others keep the number of their names.</summary>
internal static class Hpack
{
    private static readonly string[] Statuses = ["200", "204", "206", "304", "400", "404", "500"];

    public static byte[] Literal(string name, string value) => [0, .. Text(name), .. Text(value)];

    public static int? StatusOf(Dictionary<string, string> headers) =>
        headers.TryGetValue(":status", out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    public static Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                var index = Number(ref block, 7);
                headers[NameOf(index)] = index is >= 8 and <= 14 ? Statuses[index - 8] : $"({index})";
            }
            else if ((first & 0xE0) == 0x20)
            {
                Number(ref block, 5);
            }
            else
            {
                var index = Number(ref block, (first & 0x40) != 0 ? 6 : 4);
                var name = index == 0 ? String(ref block) : NameOf(index);
                headers[name] = String(ref block);
            }
        }

        return headers;
    }

    private static string NameOf(int index) => index is >= 8 and <= 14 ? ":status" : $"({index})";

    private static byte[] Text(string text) => [.. Length(text.Length), .. Encoding.Latin1.GetBytes(text)];

    private static byte[] Length(int length)
    {
        if (length < 127)
        {
            return [(byte)length];
        }

        List<byte> bytes = [127];
        for (length -= 127; length >= 128; length >>= 7)
        {
            bytes.Add((byte)((length & 127) | 128));
        }

        return [.. bytes, (byte)length];
    }

    private static string String(ref ReadOnlySpan<byte> block)
    {
        Assert.True((block[0] & 0x80) == 0, "a server that compresses its texts is not understood");
        var length = Number(ref block, 7);
        var text = Encoding.Latin1.GetString(block[..length]);
        block = block[length..];
        return text;
    }

    private static int Number(ref ReadOnlySpan<byte> block, int bits)
    {
        var limit = (1 << bits) - 1;
        var number = block[0] & limit;
        block = block[1..];
        for (var shift = 0; number >= limit; shift += 7)
        {
            var next = block[0];
            block = block[1..];
            number += (next & 127) << shift;
            if ((next & 128) == 0)
            {
                break;
            }
        }

        return number;
    }
}
