namespace MeshSdk.Model;

/// <summary>How a <see cref="TextPattern"/> compares.</summary>
internal enum TextForm
{
    /// <summary>The text itself.</summary>
    Exact,

    /// <summary>What begins with it.</summary>
    Prefix,

    /// <summary>What ends with it.</summary>
    Suffix,

    /// <summary>Whatever is not empty.</summary>
    Present,
}

/// <summary>A text as policies write it: <c>*</c>, <c>*end</c>, <c>begin*</c> or exact. A star anywhere else is a character like any other.</summary>
internal readonly record struct TextPattern(TextForm Form, string Text)
{
    /// <summary>Reads one; whatever is written is one.</summary>
    public static TextPattern Parse(string text) => text switch
    {
        "*" => new(TextForm.Present, ""),
        ['*', ..] => new(TextForm.Suffix, text[1..]),
        [.., '*'] => new(TextForm.Prefix, text[..^1]),
        _ => new(TextForm.Exact, text),
    };

    public bool Matches(ReadOnlySpan<char> value) => Form switch
    {
        TextForm.Exact => value.SequenceEqual(Text),
        TextForm.Prefix => value.StartsWith(Text),
        TextForm.Suffix => value.EndsWith(Text),
        _ => !value.IsEmpty,
    };

    /// <summary>The same whatever the case.</summary>
    public bool MatchesInAnyCase(ReadOnlySpan<char> value) => Form switch
    {
        TextForm.Exact => value.Equals(Text, StringComparison.OrdinalIgnoreCase),
        TextForm.Prefix => value.StartsWith(Text, StringComparison.OrdinalIgnoreCase),
        TextForm.Suffix => value.EndsWith(Text, StringComparison.OrdinalIgnoreCase),
        _ => !value.IsEmpty,
    };

    public override string ToString() => Form switch
    {
        TextForm.Exact => Text,
        TextForm.Prefix => $"{Text}*",
        TextForm.Suffix => $"*{Text}",
        _ => "*",
    };
}
