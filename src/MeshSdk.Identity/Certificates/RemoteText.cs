namespace MeshSdk.Identity.Certificates;

/// <summary>What another process says, made fit for a line of a log or the reason of an answer.</summary>
internal static class RemoteText
{
    private const int Longest = 300;

    /// <param name="text">What was said.</param>
    /// <param name="secret">What must not be repeated, should the other side have done so; null or empty: nothing.</param>
    public static string Clean(string? text, string? secret = null)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "no reason given";
        }

        // Before it is shortened: half a secret is one too.
        if (!string.IsNullOrEmpty(secret))
        {
            text = text.Replace(secret, "(token)", StringComparison.Ordinal);
        }

        return string.Create(Math.Min(text.Length, Longest), text, static (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(text[i]) ? ' ' : text[i];
            }
        });
    }
}
