using MeshSdk.Http.Rpc;

namespace MeshSdk.Tests.Http.Rpc;

public sealed class GrpcTimeoutTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    // Ticks of 100 ns → what is sent.
    public static TheoryData<long, string> Formatted => new()
    {
        { long.MinValue, "1u" }, { -1, "1u" }, { 0, "1u" }, { 1, "1u" }, { 10, "1u" },
        { 11, "2u" }, { 9_990, "999u" }, { 9_991, "1000u" }, { 9_999, "1000u" },
        { 10_000, "1m" }, { 10_001, "2m" }, { Second, "1000m" }, { Second + 1, "1001m" }, { 3600 * Second, "3600000m" },
        { 99_999_999L * 10_000, "99999999m" }, { (99_999_999L * 10_000) + 1, "100000S" },
        { 99_999_999L * Second, "99999999S" }, { (99_999_999L * Second) + 1, "1666667M" },
        { 99_999_999L * 60 * Second, "99999999M" }, { (99_999_999L * 60 * Second) + 1, "1666667H" },
        { 99_999_999L * 3600 * Second, "99999999H" }, { long.MaxValue, "99999999H" },
    };

    [Theory]
    [MemberData(nameof(Formatted))]
    public void A_time_is_written_in_eight_digits_at_most_and_never_less_than_it_is(long ticks, string text)
    {
        Assert.Equal(text, GrpcTimeout.Format(new TimeSpan(ticks)));
        Assert.InRange(text.Length, 2, 9);
        if (ticks < 99_999_999L * 3600 * Second)
        {
            Assert.True(GrpcTimeout.Parse(text)!.Value.Ticks >= ticks);
        }
    }

    [Theory]
    [InlineData("1H", 3600 * Second)]
    [InlineData("2M", 120 * Second)]
    [InlineData("3S", 3 * Second)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("600n", 6)]
    [InlineData("199n", 1)]
    [InlineData("99n", 0)]
    [InlineData("0S", 0)]
    [InlineData("007S", 7 * Second)]
    [InlineData("99999999H", 99_999_999L * 3600 * Second)]
    [InlineData("99999999M", 99_999_999L * 60 * Second)]
    [InlineData("99999999S", 99_999_999L * Second)]
    [InlineData("99999999m", 999_999_990_000)]
    [InlineData("99999999u", 999_999_990)]
    [InlineData("99999999n", 999_999)]
    public void A_timeout_is_read_in_each_unit(string text, long ticks) => Assert.Equal(ticks, GrpcTimeout.Parse(text)?.Ticks);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("55")]
    [InlineData("5s")]
    [InlineData("5h")]
    [InlineData("5N")]
    [InlineData("5U")]
    [InlineData("5ms")]
    [InlineData("-5S")]
    [InlineData("+5S")]
    [InlineData(" 5S")]
    [InlineData("5 S")]
    [InlineData("5S ")]
    [InlineData("5.0S")]
    [InlineData("1,000S")]
    [InlineData("0x1S")]
    [InlineData("\u0665S")] // a digit, and not one of ASCII
    [InlineData("100000000S")]
    [InlineData("000000001S")]
    [InlineData("5S, 6S")]
    public void What_is_no_timeout_is_none(string? text) => Assert.Null(GrpcTimeout.Parse(text));
}
