using System.Text.RegularExpressions;

namespace MeshSdk.Compilation;

/// <summary>
/// Regular expressions by their text: building one costs more than compiling all the rest of a rule, and the same ones return at each change.
/// </summary>
internal sealed class PatternCache
{
    private const int Capacity = 4096;
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly Dictionary<string, Regex?> _patterns = new(StringComparer.Ordinal);

    /// <summary>The pattern, anchored at both ends; null where the engine, which promises linear time, does not take it.</summary>
    public Regex? Get(string pattern)
    {
        if (_patterns.TryGetValue(pattern, out var known))
        {
            return known;
        }

        if (_patterns.Count >= Capacity)
        {
            _patterns.Clear();
        }

        return _patterns[pattern] = Build(pattern);
    }

    private static Regex? Build(string pattern)
    {
        try
        {
            // Alone first: "a)(b" is malformed and becomes well-formed between the anchors' parentheses.
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            return new Regex($@"\A(?:{pattern})\z", Options);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
