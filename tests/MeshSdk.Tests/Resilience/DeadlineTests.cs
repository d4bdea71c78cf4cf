using MeshSdk.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Resilience;

public sealed class DeadlineTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DeadlinePool _pool;

    public DeadlineTests() => _pool = new DeadlinePool(_time);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void It_ends_at_its_time_and_not_before()
    {
        using var deadline = _pool.Rent(Second, CancellationToken.None);
        _time.Advance(Second - TimeSpan.FromTicks(1));
        Assert.Equal((false, false), (deadline.IsExpired, deadline.Token.IsCancellationRequested));
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal((true, true), (deadline.IsExpired, deadline.Token.IsCancellationRequested));
    }

    [Fact]
    public void What_was_given_back_in_time_is_used_again_and_rings_for_its_new_user_only()
    {
        var first = _pool.Rent(Second, CancellationToken.None);
        _time.Advance(Second / 2);
        first.Dispose();
        var second = _pool.Rent(Second * 3, CancellationToken.None);
        Assert.Same(first, second);
        _time.Advance(Second * 2);
        Assert.False(second.Token.IsCancellationRequested);
        _time.Advance(Second);
        Assert.True(second.IsExpired);
        second.Dispose();
    }

    [Fact]
    public void What_has_expired_or_was_cancelled_is_not_used_again()
    {
        var expired = _pool.Rent(Second, CancellationToken.None);
        _time.Advance(Second);
        expired.Dispose();
        using var above = new CancellationTokenSource();
        var cancelled = _pool.Rent(Second, above.Token);
        Assert.NotSame(expired, cancelled);
        above.Cancel();
        Assert.Equal((false, true), (cancelled.IsExpired, cancelled.Token.IsCancellationRequested));
        cancelled.Dispose();
        using var next = _pool.Rent(Second, CancellationToken.None);
        Assert.NotSame(cancelled, next);
        Assert.True(expired.IsExpired);
    }

    [Fact]
    public void Unlinked_it_ends_by_time_alone()
    {
        using var above = new CancellationTokenSource();
        using var deadline = _pool.Rent(Second, above.Token);
        deadline.Unlink();
        above.Cancel();
        Assert.False(deadline.Token.IsCancellationRequested);
        _time.Advance(Second);
        Assert.True(deadline.IsExpired);
    }

    [Fact]
    public void It_keeps_no_timer_running_when_it_is_given_back()
    {
        for (var i = 0; i < 3; i++)
        {
            var deadline = _pool.Rent(Second, CancellationToken.None);
            var token = deadline.Token;
            deadline.Dispose();
            _time.Advance(Second * 2);
            Assert.False(token.IsCancellationRequested);
        }
    }

    // Renting, ringing, cancelling and giving back race with each other: a deadline must never end for anybody but whom it was set for.
    [Fact]
    public async Task Under_load_nobody_is_ended_by_anothers_time()
    {
        var isOver = false;
        var clock = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                _time.Advance(TimeSpan.FromMilliseconds(1));
                Thread.Yield();
            }
        });
        var rung = 0;
        var workers = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 1000; i++)
            {
                if (random.Next(4) == 0)
                {
                    using var brief = _pool.Rent(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                    if (random.Next(8) == 0)
                    {
                        SpinWait.SpinUntil(() => brief.Token.IsCancellationRequested);
                        Assert.True(brief.IsExpired);
                        Interlocked.Increment(ref rung);
                    }
                }
                else
                {
                    using var above = new CancellationTokenSource();
                    using var longer = _pool.Rent(TimeSpan.FromDays(10_000), above.Token);
                    Assert.False(longer.Token.IsCancellationRequested);
                    if (random.Next(8) == 0)
                    {
                        await above.CancelAsync();
                        Assert.Equal((true, false), (longer.Token.IsCancellationRequested, longer.IsExpired));
                    }
                }
            }
        }));
        try
        {
            await Task.WhenAll(workers);
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            await clock;
        }

        Assert.True(rung > 0);
    }
}
