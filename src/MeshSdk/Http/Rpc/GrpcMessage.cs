using System.Buffers;
using System.Globalization;
using System.Text;

namespace MeshSdk.Http.Rpc;

/// <summary>The value of <c>grpc-message</c>: UTF-8, in which all but printable ASCII is percent-encoded, and the percent sign.</summary>
internal static class GrpcMessage
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (char)c).Where(static c => c != '%')]);

    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            _ = Plain.Contains((char)value) ? encoded.Append((char)value) : encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return encoded.ToString();
    }
}
