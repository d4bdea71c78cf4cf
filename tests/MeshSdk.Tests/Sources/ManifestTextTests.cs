using System.Text;
using MeshSdk.Sources.Files;

namespace MeshSdk.Tests.Sources;

public sealed class ManifestTextTests
{
    public static TheoryData<byte[], int> NoText => new()
    {
        { [0xFF, 0xFE, 0], 1 },
        { [0xFE, 0xFF, 0xD8], 1 },
        { [(byte)'a', (byte)'\n', (byte)'b', 0xE9, (byte)':'], 2 },
        { [0xFF, 0xFE, 0, 0, 1], 1 },
    };

    [Theory]
    [MemberData(nameof(NoText))]
    public void What_is_no_text_is_told_by_its_line(byte[] bytes, int expected)
    {
        Assert.False(ManifestText.TryDecode(bytes, out var text, out var line));
        Assert.Equal((null, expected), (text, line));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-32BE")]
    public void A_byte_order_mark_says_how_it_is_written(string name)
    {
        var encoding = Encoding.GetEncoding(name);

        Assert.True(ManifestText.TryDecode([.. encoding.Preamble, .. encoding.GetBytes("grün: 1")], out var text, out _));
        Assert.Equal("grün: 1", text.TrimStart('\ufeff'));
    }
}
