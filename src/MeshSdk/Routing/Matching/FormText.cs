using System.Buffers;
using System.Globalization;
using System.Text;

namespace MeshSdk.Routing.Matching;

/// <summary>Text of an HTML form: <c>+</c> is a space, and percent sequences are bytes of UTF-8. Sequences that are none stay as they are.</summary>
internal static class FormText
{
    private const int BytesAtOnce = 64;

    private static readonly SearchValues<char> Encoded = SearchValues.Create("%+");

    /// <param name="text">As sent.</param>
    /// <param name="target">At least as long.</param>
    /// <returns>The length of the decoded text.</returns>
    public static int Decode(ReadOnlySpan<char> text, Span<char> target)
    {
        var length = 0;
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(Encoded);
            plain = plain < 0 ? text.Length : plain;
            text[..plain].CopyTo(target[length..]);
            length += plain;
            text = text[plain..];
            if (text.IsEmpty)
            {
                break;
            }

            if (text[0] == '%' && TryReadByte(text, out _))
            {
                length += DecodeBytes(ref text, target[length..]);
            }
            else
            {
                target[length++] = text[0] == '+' ? ' ' : text[0];
                text = text[1..];
            }
        }

        return length;
    }

    // A sequence of bytes that stand together is one text: characters are cut into several of them.
    private static int DecodeBytes(ref ReadOnlySpan<char> text, Span<char> target)
    {
        var count = 1;
        while (TryReadByte(text[(3 * count)..], out _))
        {
            count++;
        }

        Span<byte> bytes = count <= BytesAtOnce ? stackalloc byte[BytesAtOnce] : new byte[count];
        for (var i = 0; i < count; i++)
        {
            TryReadByte(text[(3 * i)..], out bytes[i]);
        }

        text = text[(3 * count)..];
        return Encoding.UTF8.GetChars(bytes[..count], target);
    }

    private static bool TryReadByte(ReadOnlySpan<char> text, out byte value)
    {
        value = 0;
        return text.Length >= 3 && text[0] == '%'
            && char.IsAsciiHexDigit(text[1]) && char.IsAsciiHexDigit(text[2])
            && byte.TryParse(text[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
