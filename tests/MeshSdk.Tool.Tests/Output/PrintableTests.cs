using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Tests.Output;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("web-1.shop: 10 % \"x\" ~", "web-1.shop: 10 % \"x\" ~")]
    [InlineData("straße 日本 \U0001F600", "straße 日本 \U0001F600")]
    [InlineData("a\nb\r\n", "a\\u000ab\\u000d\\u000a")]
    [InlineData("\u001b[2J", "\\u001b[2J")]
    [InlineData("tab\there\u0000\u007f", "tab\\u0009here\\u0000\\u007f")]
    [InlineData("\u0085\u2028\u2029", "\\u0085\\u2028\\u2029")]
    [InlineData("turn\u202eed\u200b", "turn\\u202eed\\u200b")]
    public void What_would_not_be_seen_is_shown(string text, string expected) => Assert.Equal(expected, Printable.Of(text));

    [Fact]
    public void What_is_harmless_is_not_copied()
    {
        const string Text = "straße";

        Assert.Same(Text, Printable.Of(Text));
    }

    [Fact]
    public void A_table_keeps_its_lines_and_columns_whatever_is_in_them_and_however_wide_they_get()
    {
        var wide = new string('x', 400);
        var table = new Table("A", "B");
        table.Add("a\nb", "1");
        table.Add(wide, "2");

        Assert.Equal(
            $"{"A".PadRight(403)}B\n{"a\\u000ab".PadRight(403)}1\n{wide}   2\n", table.ToString());
    }
}
