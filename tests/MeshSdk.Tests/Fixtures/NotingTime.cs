using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A clock that only the test moves, and that notes for how long timers are set. One that is noted goes off when the clock is moved that far.</summary>
internal sealed class NotingTime : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _timers = new();

    public NotingTime()
        : base(DateTimeOffset.UtcNow)
    {
    }

    public IReadOnlyList<TimeSpan> Timers => [.. _timers];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Enqueue(dueTime);
        return timer;
    }
}
