using MeshSdk.Resilience;

namespace MeshSdk.Tests.Resilience;

/// <summary>The bucket of gRFC A6.</summary>
public sealed class RetryThrottleTests
{
    [Theory]
    [InlineData(10, 0.5, 10)]
    [InlineData(3, 0.57, 3)]
    public void It_is_full_at_the_beginning_and_never_fuller(int most, double ratio, int tokens)
    {
        var throttle = new RetryThrottle(most, ratio);
        throttle.Succeed();
        Assert.Equal(tokens, throttle.Tokens);
        Assert.True(throttle.Permits);
    }

    [Theory]
    [InlineData(0.57, 0.57)]
    [InlineData(0.1, 0.1)]
    [InlineData(0.1239, 0.123)]
    [InlineData(0.0009, 0)]
    [InlineData(1.0, 1.0)]
    public void A_success_is_worth_three_decimals(double ratio, double gain)
    {
        var throttle = new RetryThrottle(10, ratio);
        throttle.Fail();
        throttle.Fail();
        throttle.Succeed();
        Assert.Equal(8 + (decimal)gain, throttle.Tokens);
    }

    [Theory]
    [InlineData(10, 4, true)]
    [InlineData(10, 5, false)]
    [InlineData(9, 4, true)]
    [InlineData(9, 5, false)]
    [InlineData(1, 0, true)]
    [InlineData(1, 1, false)]
    [InlineData(4, 100, false)]
    public void More_than_half_must_be_there(int most, int failures, bool permits)
    {
        var throttle = new RetryThrottle(most, 0.1);
        for (var i = 0; i < failures; i++)
        {
            throttle.Fail();
        }

        Assert.Equal((permits, (decimal)Math.Max(0, most - failures)), (throttle.Permits, throttle.Tokens));
    }

    [Fact]
    public void Threads_lose_no_token()
    {
        var throttle = new RetryThrottle(1000, 0.25);
        Parallel.For(0, 800, i =>
        {
            throttle.Fail();
            if (i % 2 == 0)
            {
                throttle.Succeed();
            }
        });

        Assert.InRange(throttle.Tokens, 300, 300.25m);
    }
}
