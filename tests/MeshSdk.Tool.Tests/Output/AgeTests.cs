using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Tests.Output;

public sealed class AgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(150, "2m30s")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData((3 * 3600) - 1, "179m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((3 * 3600) + 300, "3h5m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData((48 * 3600) - 1, "47h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData(51 * 3600, "2d3h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(729 * 86400, "729d")]
    [InlineData(731 * 86400L, "2y1d")]
    [InlineData(8 * 365 * 86400L, "8y")]
    public void An_age_is_written_as_kubectl_does(long seconds, string expected) =>
        Assert.Equal(expected, Age.Of(Now - TimeSpan.FromSeconds(seconds), Now));

    [Fact]
    public void What_has_no_time_has_no_age() => Assert.Equal("<unknown>", Age.Of(created: null, Now));
}
