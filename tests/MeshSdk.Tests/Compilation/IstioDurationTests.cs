using MeshSdk.Compilation;

namespace MeshSdk.Tests.Compilation;

public sealed class IstioDurationTests
{
    [Theory]
    [InlineData("10s", 100_000_000)]
    [InlineData("1.5s", 15_000_000)]
    [InlineData("0.25s", 2_500_000)]
    [InlineData(".5s", 5_000_000)]
    [InlineData("100ms", 1_000_000)]
    [InlineData("1h1m", 36_600_000_000)]
    [InlineData("10us", 100)]
    [InlineData("0s", 0)]
    [InlineData("0", 0)]
    public void Valid_text_is_read(string text, long ticks)
    {
        Assert.True(IstioDuration.TryParse(text, out var value));
        Assert.Equal(ticks, value.Ticks);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1..5s")]
    [InlineData("-1s")]
    [InlineData("1d")]
    [InlineData("10 s")]
    [InlineData("99999999999999999999h")]
    [InlineData("00:00:10")]
    public void Invalid_text_is_refused(string? text) => Assert.False(IstioDuration.TryParse(text, out _));
}
