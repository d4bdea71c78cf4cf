namespace MeshSdk.Security;

/// <summary>
/// What a peer has written, made fit to be quoted in a line of a log or the reason of an answer: it is as long as the peer likes, and may hold what looks
/// like a line of its own.
/// </summary>
internal static class PeerText
{
    private const int Longest = 300;

    public static string Clean(string text)
    {
        var isShort = text.Length <= Longest;
        if (isShort && !text.Any(IsUnfit))
        {
            return text;
        }

        var line = string.Create(isShort ? text.Length : Longest, text, static (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = IsUnfit(text[i]) ? ' ' : text[i];
            }
        });
        return isShort ? line : line + "...";
    }

    // Also the separators of lines and paragraphs, which are no control characters.
    private static bool IsUnfit(char character) => char.IsControl(character) || character is '\u2028' or '\u2029';
}
