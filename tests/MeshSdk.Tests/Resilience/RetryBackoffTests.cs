using CsCheck;
using MeshSdk.Model;
using MeshSdk.Resilience;

namespace MeshSdk.Tests.Resilience;

public sealed class RetryBackoffTests
{
    [Fact]
    public void A_stated_wait_is_never_undercut_and_grows_to_some_ten_times() => Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 40], Gen.Double[0, 0.999]).Sample(
        static (ms, number, random) =>
        {
            var least = TimeSpan.FromMilliseconds(ms);
            var retry = new RouteRetry(50, [], least);
            var wait = RetryBackoff.Wait(retry, number, random);
            Assert.InRange(wait, least, least * 15);
            Assert.True(RetryBackoff.Wait(retry, number, 0) <= wait);
            Assert.True(RetryBackoff.Wait(retry, number + 1, random) >= wait);
        });

    [Fact]
    public void Unstated_it_is_anything_up_to_25_ms_doubling_up_to_250()
    {
        var retry = new RouteRetry(50, [], null);
        foreach (var (number, most) in ((int, int)[])[(0, 25), (1, 50), (2, 100), (3, 200), (4, 250), (5, 250), (1000, 250)])
        {
            Assert.Equal(TimeSpan.Zero, RetryBackoff.Wait(retry, number, 0));
            Assert.Equal(TimeSpan.FromMilliseconds(most), RetryBackoff.Wait(retry, number, 1));
        }
    }

    [Theory]
    [InlineData(99_999)]
    [InlineData(24)]
    public void The_longest_durations_of_the_API_are_waits_that_a_timer_takes(int hours) =>
        Assert.InRange(RetryBackoff.Wait(new RouteRetry(9, [], TimeSpan.FromHours(hours)), 8, 0.9), TimeSpan.FromHours(24), TimeSpan.FromDays(40));
}
