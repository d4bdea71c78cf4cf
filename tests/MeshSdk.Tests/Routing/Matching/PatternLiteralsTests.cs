using System.Text.RegularExpressions;
using CsCheck;
using MeshSdk.Routing.Matching;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Routing.Matching;

public sealed class PatternLiteralsTests
{
    private static readonly Gen<string> Pattern = OneOf.These(
        "a", "b", "/", "ab", "a", "b", "^", "$", "|", ".", "*", "+", "?", "{1}", "{1,2}", "{", "}", "(", ")", "(?:", "(?i)", "(?<n>", "[", "]", "[ab]", "[^b]", "[]a]",
        "[a(]", "[|]", @"\.", @"\[", @"\d", @"\w", @"\b", @"\z", @"\x61", @"\u0061", @"\|", "#", " ", "-").Array[1, 8].Select(string.Concat);

    private static readonly Gen<string> Text = OneOf.These("a", "b", "A", "/", ".", "1", "{", "}", "[", "]", "|", "(", "#", " ", "1}", "-").Array[0, 6].Select(string.Concat);

    [Theory]
    [InlineData("/api/v[0-9]+/users", "/api/v", "/users")]
    [InlineData("/api/.*", "/api/", "")]
    [InlineData("/api", "/api", "")]
    [InlineData("^/api$", "/api", "")]
    [InlineData(@"/a\.b/\d+", "/a.b/", "")]
    [InlineData("/ab?c", "/a", "c")]
    [InlineData("/ab{2}c", "/a", "c")]
    [InlineData("/x(a|b)/y", "/x", "/y")]
    [InlineData("/x(a|(b[)]c)+)/y", "/x", "/y")]
    [InlineData(".*/y", "", "/y")]
    [InlineData("/a|/b", "", "")]
    [InlineData("(?i)/a", "", "")]
    [InlineData(@"/a\x41", "", "")]
    [InlineData("", "", "")]
    public void Of_a_pattern(string pattern, string prefix, string suffix) => Assert.Equal(new PatternLiterals(prefix, suffix), PatternLiterals.Of(pattern));

    [Fact]
    public void No_text_that_a_pattern_matches_is_ruled_out() => Gen.Select(Pattern, Text.Array[1, 20]).Sample(static (pattern, texts) =>
    {
        Regex regex;
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant);
        }
        catch (ArgumentException)
        {
            return;
        }

        var literals = PatternLiterals.Of(pattern);
        foreach (var text in (string[])[.. texts, literals.Prefix + literals.Suffix, .. texts.Select(t => literals.Prefix + t + literals.Suffix)])
        {
            Assert.True(!regex.IsMatch(text) || literals.MayMatch(text), $"'{pattern}' matches '{text}', but {literals}");
        }
    }, iter: 20_000);
}
