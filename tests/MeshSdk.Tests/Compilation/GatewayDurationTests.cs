using MeshSdk.Compilation;

namespace MeshSdk.Tests.Compilation;

public sealed class GatewayDurationTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("0ms", 0)]
    [InlineData("0h0m0s", 0)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("500ms", 500)]
    [InlineData("30s1m", 90_000)]
    [InlineData("100ms200ms300ms", 600)]
    [InlineData("1h30m10s20ms", 5_410_020)]
    [InlineData("99999h59m59s999ms", 359_999_999_999)]
    public void Valid_text_is_the_sum_of_its_components(string text, long milliseconds)
    {
        Assert.True(GatewayDuration.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
        Assert.Equal(value, GatewayDuration.Parse(text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("1d")]
    [InlineData("1.5s")]
    [InlineData("10us")]
    [InlineData("10ns")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("1 s")]
    [InlineData("s")]
    [InlineData("1S")]
    [InlineData("1h30m10s20ms50h")]
    [InlineData("999999h")]
    [InlineData("1s ")]
    [InlineData("١s")]
    [InlineData("00:00:01")]
    public void Invalid_text_is_refused(string? text)
    {
        Assert.False(GatewayDuration.TryParse(text, out _));
        Assert.Throws<FormatException>(() => GatewayDuration.Parse(text!));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ms")]
    [InlineData(500, "500ms")]
    [InlineData(1000, "1s")]
    [InlineData(90_000, "1m30s")]
    [InlineData(3_600_000, "1h")]
    [InlineData(90_061_001, "25h1m1s1ms")]
    public void Format_writes_the_largest_unit_first(long milliseconds, string expected) =>
        Assert.Equal(expected, GatewayDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void Format_refuses_negative_durations() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => GatewayDuration.Format(TimeSpan.FromSeconds(-1)));

    [Fact]
    public void What_was_formatted_parses_to_the_same() =>
        CsCheck.Check.Sample(
            CsCheck.Gen.Long[0, 359_999_999_999],
            milliseconds => GatewayDuration.Parse(GatewayDuration.Format(TimeSpan.FromMilliseconds(milliseconds))).TotalMilliseconds == milliseconds);
}
