using MeshSdk.Transport;

namespace MeshSdk.Tests.Transport;

public sealed class RequestBreakerTests
{
    [Fact]
    public void It_lets_in_as_many_as_its_limit_and_no_more()
    {
        var breaker = new RequestBreaker { Limit = 2 };

        Assert.Equal([true, true, false], [breaker.TryEnter(), breaker.TryEnter(), breaker.TryEnter()]);
        breaker.Exit();
        Assert.True(breaker.TryEnter());
        Assert.Equal(2, breaker.Active);
    }

    [Fact]
    public void Lowered_below_what_is_under_way_it_waits_until_enough_has_ended()
    {
        var breaker = new RequestBreaker();
        Assert.Equal([true, true, true], [breaker.TryEnter(), breaker.TryEnter(), breaker.TryEnter()]);

        breaker.Limit = 1;
        breaker.Exit();
        breaker.Exit();
        Assert.False(breaker.TryEnter());
        breaker.Exit();

        Assert.True(breaker.TryEnter());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task Under_a_thousand_concurrent_calls_it_is_never_above_its_limit_never_below_zero_and_empty_in_the_end(int limit)
    {
        var breaker = new RequestBreaker { Limit = limit };
        var (inside, highest, lowest, entered) = (0, 0, 0, 0);
        var calls = Enumerable.Range(0, 1000).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                if (!breaker.TryEnter())
                {
                    await Task.Yield();
                    continue;
                }

                // Not taken from the breaker: it is what is tested.
                var now = Interlocked.Increment(ref inside);
                InterlockedMax(ref highest, Math.Max(now, breaker.Active));
                Interlocked.Increment(ref entered);
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                breaker.Exit();
                InterlockedMax(ref lowest, -breaker.Active);
            }
        }));

        await Task.WhenAll(calls);

        Assert.InRange(highest, 1, limit);
        Assert.Equal((0, 0), (lowest, breaker.Active));
        Assert.True(entered > 0);
    }

    private static void InterlockedMax(ref int highest, int value)
    {
        for (var known = Volatile.Read(ref highest); value > known;)
        {
            var found = Interlocked.CompareExchange(ref highest, value, known);
            if (found == known)
            {
                return;
            }

            known = found;
        }
    }
}
