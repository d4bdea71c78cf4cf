using System.Buffers;
using System.Text;
using System.Text.Json;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tests.Sources.Manifests;

public sealed class YamlTests
{
    [Theory]
    [InlineData("80", "80")]
    [InlineData("-1", "-1")]
    [InlineData("+5", "5")]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("0x1F", "31")]
    [InlineData("-0x10", "-16")]
    [InlineData("0o17", "15")]
    [InlineData("0644", "420")]
    [InlineData("0b101", "5")]
    [InlineData("1_000", "1000")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("18446744073709551616", "1.8446744073709552E+19")]
    [InlineData("1.5", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("80.0", "80")]
    [InlineData("1e3", "1000")]
    [InlineData("1.25E-2", "0.0125")]
    [InlineData("089", "89")]
    [InlineData("\"80\"", "\"80\"")]
    [InlineData("'80'", "\"80\"")]
    [InlineData("true", "true")]
    [InlineData("False", "false")]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("n", "false")]
    [InlineData("'no'", "\"no\"")]
    [InlineData("tRue", "\"tRue\"")]
    [InlineData("null", "null")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("Null", "null")]
    [InlineData("nULL", "\"nULL\"")]
    [InlineData("''", "\"\"")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("10.96.0.1", "\"10.96.0.1\"")]
    [InlineData("2001-12-14", "\"2001-12-14\"")]
    [InlineData("2026-01-31T12:00:00Z", "\"2026-01-31T12:00:00Z\"")]
    [InlineData("12:30:45", "\"12:30:45\"")]
    [InlineData("10s", "\"10s\"")]
    [InlineData("0x", "\"0x\"")]
    [InlineData("0xZZ", "\"0xZZ\"")]
    [InlineData("[~, ]", "[null]")]
    [InlineData("--", "\"--\"")]
    [InlineData("1e", "\"1e\"")]
    [InlineData("!!str 80", "\"80\"")]
    [InlineData("! 80", "\"80\"")]
    [InlineData("!!int \"80\"", "80")]
    [InlineData("!!float 3", "3")]
    [InlineData("!!bool 'yes'", "true")]
    [InlineData("!!null ''", "null")]
    [InlineData("!custom 80", "\"80\"")]
    [InlineData("\"a\\tb\\u00e9\"", "\"a\\tb\\u00E9\"")]
    [InlineData("|\n  two\n  lines\n", "\"two\\nlines\\n\"")]
    [InlineData(">-\n  two\n  lines\n", "\"two lines\"")]
    public void A_scalar_means_what_kubernetes_tools_take_it_for(string yaml, string json) => Assert.Equal($"{{\"v\":{json}}}", Json($"v: {yaml}\n"));

    [Theory]
    [InlineData(".inf", ".inf is a number that no field can hold")]
    [InlineData(".NaN", ".NaN is a number that no field can hold")]
    [InlineData("1e999", "1e999 is a number that no field can hold")]
    [InlineData("!!int abc", "\"abc\" is not what its tag tag:yaml.org,2002:int says")]
    [InlineData("!!int 1.5", "\"1.5\" is not what its tag tag:yaml.org,2002:int says")]
    [InlineData("*missing", "*missing names no anchor that ends before it")]
    [InlineData("&a [*a]", "*a names no anchor that ends before it")]
    [InlineData("{<<: 1}", "only a mapping, or a list of mappings, can be merged with <<")]
    [InlineData("{[a]: 1}", "a key must be a plain word, not a list or a mapping")]
    [InlineData("{~: 1}", "a key is missing before the colon")]
    public void What_no_field_can_hold_is_a_fault_of_its_document_alone(string yaml, string message)
    {
        var reader = new YamlDocumentReader($"v: {yaml}\n---\nnext: 1\n");

        var fault = Assert.Single(reader.Next()!.Faults);
        Assert.Equal((1, message), (fault.Line, fault.Message));
        Assert.StartsWith("v", fault.Path, StringComparison.Ordinal);
        Assert.Empty(reader.Next()!.Faults);
        Assert.Null(reader.Next());
        Assert.Null(reader.SyntaxFault);
    }

    [Fact]
    public void Keys_keep_their_text() => Assert.Equal("""{"1":"a","on":"b","0x10":"c"}""", Json("1: a\non: b\n0x10: c\n"));

    [Fact]
    public void Aliases_stand_for_what_their_anchor_holds_last() =>
        Assert.Equal("""{"a":[1,2],"b":[1,2],"c":"x","d":"x"}""", Json("a: &s [1, 2]\nb: *s\nc: &s x\nd: *s\n"));

    [Fact]
    public void Anchors_end_with_their_document()
    {
        var reader = new YamlDocumentReader("a: &x 1\n---\nb: *x\n");

        Assert.Empty(reader.Next()!.Faults);
        Assert.Single(reader.Next()!.Faults);
    }

    [Fact]
    public void Merged_keys_never_replace_own_ones_and_the_first_source_wins() => Assert.Equal(
        """{"a":{"x":1,"y":2},"b":{"y":3,"z":4},"c":{"z":9,"x":1,"y":2}}""",
        Json("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  z: 9\n"));

    [Fact]
    public void A_quoted_merge_sign_is_a_key_like_any_other() => Assert.Equal("""{"a":{"\u003C\u003C":{"x":1}}}""", Json("a: {'<<': {x: 1}}\n"));

    [Fact]
    public void A_bomb_of_aliases_is_refused_before_it_grows()
    {
        var bomb = new StringBuilder("l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (var i = 1; i < 30; i++)
        {
            bomb.Append($"l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 9))}]\n");
        }

        var document = new YamlDocumentReader(bomb.ToString()).Next()!;

        Assert.Contains(document.Faults, fault => fault.Message.Contains("aliases of this document add up", StringComparison.Ordinal));
        Assert.InRange(document.Root.Size, 1, 64 * 1024 * 1024);
    }

    [Fact]
    public void One_long_text_may_not_be_repeated_without_end_either()
    {
        var document = new YamlDocumentReader($"a: &a {new string('x', 1_000_000)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 1000))}]\n").Next()!;

        Assert.NotEmpty(document.Faults);
        Assert.InRange(document.Root.Size, 1, 10_000_000);
    }

    [Fact]
    public void Many_merges_are_counted_like_aliases()
    {
        var text = new StringBuilder("m0: &m0 {" + string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"key{i}: value")) + "}\n");
        for (var i = 1; i < 1000; i++)
        {
            text.Append($"m{i}: &m{i} {{<<: *m{i - 1}, own{i}: 1}}\n");
        }

        Assert.NotEmpty(new YamlDocumentReader(text.ToString()).Next()!.Faults);
    }

    [Theory]
    [InlineData("flow")]
    [InlineData("block")]
    [InlineData("alias")]
    [InlineData("json")]
    public void Deep_nesting_is_refused(string how)
    {
        IDocumentReader reader = how switch
        {
            "flow" => new YamlDocumentReader("a: " + new string('[', 100_000)),
            "block" => new YamlDocumentReader(string.Concat(Enumerable.Range(0, 80).Select(i => new string(' ', i) + "a:\n"))),
            "alias" => new YamlDocumentReader("a0: &a0 [[[[[[[[[[1]]]]]]]]]]\n" + string.Concat(Enumerable.Range(1, 8).Select(i => $"a{i}: &a{i} [[[[[[[[[[*a{i - 1}]]]]]]]]]]\n"))),
            _ => new JsonDocumentReader(string.Concat(Enumerable.Repeat("{\"a\":", 80)) + "1" + new string('}', 80)),
        };

        Assert.Null(reader.Next());
        Assert.Contains("64 levels", reader.SyntaxFault!.Message, StringComparison.Ordinal);
    }

    private static string Json(string yaml)
    {
        var document = new YamlDocumentReader(yaml).Next()!;
        Assert.Empty(document.Faults);
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            NodeJson.Write(writer, document.Root);
        }

        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
