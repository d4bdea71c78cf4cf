using System.Buffers;

namespace MeshSdk.Sources.Manifests;

/// <summary>
/// Cuts a YAML stream at its document markers, so that a syntax error ends with its own document. A line that begins with <c>---</c> is a
/// marker wherever it stands, within quotes too, so a sound text reads the same in one piece and in several.
/// </summary>
internal static class YamlDocuments
{
    // Those of YAML 1.1, which the parser counts lines by.
    private static readonly SearchValues<char> Breaks = SearchValues.Create("\r\n\u0085\u2028\u2029");

    /// <summary>Pieces with the number of lines before each. A piece may hold no document at all, or more than one.</summary>
    public static IEnumerable<(string Text, int LinesBefore)> Split(string text)
    {
        var (start, startLine, line, hasContent) = (0, 0, 0, false);
        for (var position = 0; position < text.Length; line++)
        {
            var end = EndOfLine(text, position);
            var isMarker = IsMarker(text.AsSpan(position, end - position));
            if (isMarker && hasContent)
            {
                yield return (text[start..position], startLine);
                (start, startLine) = (position, line);
            }

            // Comments and directives before a marker belong to the document behind it.
            hasContent |= isMarker || (text[position] is not ('#' or '%') && !text.AsSpan(position, end - position).IsWhiteSpace());
            position = end;
        }

        yield return (text[start..], startLine);
    }

    private static bool IsMarker(ReadOnlySpan<char> line) =>
        line.StartsWith("---", StringComparison.Ordinal) && (line.Length == 3 || char.IsWhiteSpace(line[3]));

    private static int EndOfLine(string text, int position)
    {
        var length = text.AsSpan(position).IndexOfAny(Breaks);
        if (length < 0)
        {
            return text.Length;
        }

        var end = position + length + 1;
        return text[end - 1] == '\r' && end < text.Length && text[end] == '\n' ? end + 1 : end;
    }
}
