namespace MeshSdk.Security;

/// <summary>How much of what was left of a certificate's life, when it was taken, has gone by.</summary>
internal enum ExpiryStage
{
    /// <summary>Half of it: by now most agents have tried to renew it.</summary>
    Half,

    /// <summary>Three quarters: by now all of them should have.</summary>
    LastQuarter,

    LastTenth,
    Expired,
}

/// <summary>Rings at each stage of the life of the certificate that is in force, until another takes its place.</summary>
internal sealed class ExpiryAlarm : IDisposable
{
    private static readonly double[] Fractions = [0.5, 0.75, 0.9, 1];

    // Well below what a timer can hold.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Action<ExpiryStage> _ring;
    private readonly ITimer _timer;
    private DateTimeOffset _begin;
    private DateTimeOffset _end;
    private int _next = Fractions.Length;

    public ExpiryAlarm(TimeProvider time, Action<ExpiryStage> ring)
    {
        _time = time;
        _ring = ring;

        // Nothing of the caller who happens to come first belongs to a timer that outlives it.
        using var _ = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static state => ((ExpiryAlarm)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>From now on it is this end that counts.</summary>
    public void Set(DateTimeOffset end)
    {
        lock (_gate)
        {
            _begin = _time.GetUtcNow();
            _end = end;
            _next = 0;
            Arm(_begin);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        ExpiryStage? stage = null;
        lock (_gate)
        {
            // A process that was asleep, or a clock that was set, may have gone through several: the last one says it all.
            var now = _time.GetUtcNow();
            while (_next < Fractions.Length && MomentOf(_next) <= now)
            {
                stage = (ExpiryStage)_next++;
            }

            Arm(now);
        }

        if (stage is { } reached)
        {
            _ring(reached);
        }
    }

    private DateTimeOffset MomentOf(int stage) => _begin + ((_end - _begin) * Fractions[stage]);

    private void Arm(DateTimeOffset now)
    {
        if (_next < Fractions.Length)
        {
            // A timer may come a little before its time, and a clock go on a little slower than it: then it is set once more.
            var left = MomentOf(_next) - now;
            _timer.Change(left < TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left + TimeSpan.FromMilliseconds(1) : Longest, Timeout.InfiniteTimeSpan);
        }
    }
}
