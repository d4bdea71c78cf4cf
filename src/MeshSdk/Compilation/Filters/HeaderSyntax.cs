using System.Buffers;
using System.Collections.Frozen;

namespace MeshSdk.Compilation.Filters;

/// <summary>What may be the name and the value of a header that a filter writes.</summary>
internal static class HeaderSyntax
{
    private const int LongestName = 256;

    // RFC 9110, 5.6.2.
    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // They say how the message is divided from the next one, or concern the connection that it is on: the transport's own, on which safety depends.
    private static readonly FrozenSet<string> Framing = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade", "HTTP2-Settings");

    public static bool IsToken(string? name) => !string.IsNullOrEmpty(name) && !name.AsSpan().ContainsAnyExcept(Token);

    /// <summary>Null where a filter may write the header.</summary>
    public static string? ProblemOfName(string? name) => name switch
    {
        null or "" => "a header needs a name",
        [':', ..] => $"'{name}' is no header but a part of the request line in HTTP/2",
        { Length: > LongestName } => $"a header's name has at most {LongestName} characters",
        _ when !IsToken(name) => $"'{Printable(name)}' is no name of a header",
        _ when Framing.Contains(name) => $"{name} belongs to the connection, and no filter may touch it",
        _ => null,
    };

    /// <summary>Null where the value can be sent: line breaks would begin another header, and the HTTP stack sends ASCII.</summary>
    public static string? ProblemOfValue(string name, string? value, bool ascii)
    {
        foreach (var c in value ?? "")
        {
            if ((c < ' ' && c != '\t') || c == 0x7f)
            {
                return $"the value of {name} holds a line break or another control character";
            }

            if (c > 0x7f && ascii)
            {
                return $"the value of {name} holds '{c}', which is not ASCII; what else is meant has to be encoded";
            }
        }

        return null;
    }

    private static string Printable(string name) => new([.. name.Take(60).Select(static c => char.IsControl(c) ? '?' : c)]);
}
