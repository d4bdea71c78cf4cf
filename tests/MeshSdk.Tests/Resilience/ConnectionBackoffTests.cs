using MeshSdk.Resilience;

namespace MeshSdk.Tests.Resilience;

public sealed class ConnectionBackoffTests
{
    [Theory]
    [InlineData(0, 0.5, 1)]
    [InlineData(1, 0.5, 1.6)]
    [InlineData(2, 0.5, 2.56)]
    [InlineData(10, 0.5, 109.951)]
    [InlineData(11, 0.5, 120)]
    [InlineData(0, 0, 0.8)]
    [InlineData(0, 0.999999, 1.2)]
    [InlineData(11, 0, 96)]
    [InlineData(11, 0.999999, 144)]
    [InlineData(2000, 0.5, 120)]
    [InlineData(int.MaxValue, 0.5, 120)]
    public void Waits_grow_up_to_two_minutes_and_vary_by_a_fifth(int number, double random, double seconds) =>
        Assert.Equal(seconds, ConnectionBackoff.Wait(number, random).TotalSeconds, 3);
}
