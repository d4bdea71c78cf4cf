using System.Buffers;

namespace MeshSdk.Tool.CommandLine;

internal static class HeaderLine
{
    // What would begin another header, or end the message's head, were it sent.
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n\0");

    /// <summary>Reads <c>Name: value</c> as curl's <c>-H</c> takes it.</summary>
    /// <exception cref="UsageException">There is no colon, or nothing before it.</exception>
    public static KeyValuePair<string, string> Parse(string text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0)
        {
            throw new UsageException($"-H '{text}': 'Name: value' is expected");
        }

        return new(text[..colon].Trim(), text[(colon + 1)..].Trim());
    }

    /// <exception cref="FormatException">The value takes more than one line.</exception>
    public static void RequireOneLine(string name, string value)
    {
        if (value.AsSpan().ContainsAny(LineEnds))
        {
            throw new FormatException($"header '{name}': its value holds a line break or NUL");
        }
    }
}
