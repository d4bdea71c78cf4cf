namespace MeshSdk.Resilience.Outliers;

/// <summary>
/// The ticks of an interval, counted from the beginning whether or not somebody waits for them, and a timer for those who do. There is no timer while
/// nobody does: a mesh may have thousands of clusters, and nearly all of them are well. Not for several threads at once; the timer rings on its own.
/// </summary>
internal sealed class IntervalTicks(TimeProvider time, Action ring) : IDisposable
{
    // Timers take no more than 49 days; what is longer is armed again when that is over.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    // A policy may state centuries.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365_000);

    private readonly long _origin = time.GetTimestamp();
    private TimeSpan _interval = TimeSpan.FromSeconds(10);
    private TimeSpan _last;
    private ITimer? _timer;

    /// <summary>The time since the beginning.</summary>
    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>Whether somebody waits.</summary>
    public bool IsRunning => _timer is not null;

    /// <summary>How far ticks are apart. The next one comes that long after the last one was due.</summary>
    public TimeSpan Interval
    {
        get => _interval;
        set
        {
            // A tick that is waited for and due is not lost: its ring is on the way.
            if (_timer is null)
            {
                TakeDue();
            }

            _interval = value < Shortest ? Shortest : value > Longest ? Longest : value;
            if (_timer is not null)
            {
                Arm(_timer);
            }
        }
    }

    /// <summary>Whether a tick, or several, came since this was last asked.</summary>
    public bool TakeDue()
    {
        var passed = (Now - _last).Ticks / _interval.Ticks;
        _last += passed * _interval;
        return passed > 0;
    }

    /// <summary>Lets the timer ring at the next tick. To be called again after each ring, which may be early: the clock tells, not the timer.</summary>
    public void Wait()
    {
        if (_timer is null)
        {
            using (ExecutionContext.SuppressFlow())
            {
                _timer = time.CreateTimer(static state => ((Action)state!)(), ring, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        Arm(_timer);
    }

    /// <summary>Nobody waits any more. A ring may be under way.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        _timer = null;
    }

    private void Arm(ITimer timer)
    {
        // Timers count in whole milliseconds, and one that is set to less rings at once.
        var left = _last + _interval - Now;
        timer.Change(left < Shortest ? Shortest : left > LongestWait ? LongestWait : left, Timeout.InfiniteTimeSpan);
    }
}
