using System.Buffers;
using System.Text;

namespace MeshSdk.Routing.Matching;

/// <summary>
/// How every text begins and ends that a pattern matches as a whole. Telling by these two that it cannot match costs a hundredth of trying it.
/// Where the pattern is not understood they are empty: then it is tried.
/// </summary>
internal readonly record struct PatternLiterals(string Prefix, string Suffix)
{
    private static readonly SearchValues<char> CountCharacters = SearchValues.Create("0123456789,");

    public static PatternLiterals None { get; } = new("", "");

    public bool MayMatch(ReadOnlySpan<char> text) =>
        text.Length >= Prefix.Length + Suffix.Length && text.EndsWith(Suffix.AsSpan()) && text.StartsWith(Prefix.AsSpan());

    /// <param name="pattern">A valid one, as written, for the whole text; case counts.</param>
    public static PatternLiterals Of(string pattern)
    {
        string? prefix = null;
        var run = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '^' when i == 0:
                case '$' when i == pattern.Length - 1:
                    // Says what holds anyway.
                    break;
                case '\\' when i + 1 < pattern.Length && char.IsAscii(pattern[i + 1]) && !char.IsAsciiLetterOrDigit(pattern[i + 1]):
                    run.Append(pattern[++i]);
                    break;
                case '\\' when i + 1 < pattern.Length && "dDwWsSbB".Contains(pattern[i + 1]):
                    i++;
                    End(0);
                    break;
                case '?' or '*' or '+':
                    End(1);
                    break;
                case '{':
                    End(1);
                    i = EndOfCount(pattern, i);
                    break;
                case '[':
                    End(0);
                    i = EndOfClass(pattern, i);
                    break;
                case '(':
                    End(0);
                    i = EndOfGroup(pattern, i);
                    break;
                case '.':
                    End(0);
                    break;
                case '\\' or '|' or ')' or '^' or '$' or ']' or '}':
                    return None;
                case var literal:
                    run.Append(literal);
                    break;
            }

            if (i < 0)
            {
                return None;
            }
        }

        return prefix is null ? new(run.ToString(), "") : new(prefix, run.ToString());

        // What comes now is no literal, and takes so many of those before it with it.
        void End(int taken)
        {
            run.Length = Math.Max(0, run.Length - taken);
            prefix ??= run.ToString();
            run.Clear();
        }
    }

    /// <returns>Where <c>{1,2}</c> ends; -1 where the brace means itself.</returns>
    private static int EndOfCount(string pattern, int start)
    {
        var length = pattern.AsSpan(start + 1).IndexOfAnyExcept(CountCharacters);
        return length >= 0 && pattern[start + 1 + length] == '}' ? start + 1 + length : -1;
    }

    /// <returns>Where the class ends; -1 where it is no simple one.</returns>
    private static int EndOfClass(string pattern, int start)
    {
        var i = start + 1;
        if (i < pattern.Length && pattern[i] == '^')
        {
            i++;
        }

        for (var first = i; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case ']' when i > first:
                    return i;
                case '[':
                    return -1;
            }
        }

        return -1;
    }

    /// <returns>Where the group ends; -1 where it is more than a group.</returns>
    private static int EndOfGroup(string pattern, int start)
    {
        var depth = 0;
        for (var i = start; i >= 0 && i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    i = EndOfClass(pattern, i);
                    if (i < 0)
                    {
                        return -1;
                    }

                    break;
                case '(':
                    if (i + 1 < pattern.Length && pattern[i + 1] == '?' && !(i + 2 < pattern.Length && pattern[i + 2] == ':'))
                    {
                        // Options may change what literals mean.
                        return -1;
                    }

                    depth++;
                    break;
                case ')' when --depth == 0:
                    return i;
            }
        }

        return -1;
    }
}
