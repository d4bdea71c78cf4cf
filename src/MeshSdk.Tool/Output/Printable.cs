using System.Globalization;
using System.Text;

namespace MeshSdk.Tool.Output;

/// <summary>Texts that others wrote, for a terminal: names and messages may hold what would break a line, move the cursor or turn the direction of writing.</summary>
internal static class Printable
{
    /// <summary>The same text where there is nothing to hide, else with escapes as in <c>\u001b</c>.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') || !text.Any(IsHidden))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (IsHidden(c))
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }

    private static bool IsHidden(char c) => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
