namespace MeshSdk.Resilience;

/// <summary>
/// How often something happened within the last stretch of time. Counted in slices, so that it looks back over the stretch and at most one slice
/// more, and costs the same however much happens. Not for several threads at once.
/// </summary>
internal sealed class SlidingCount(TimeSpan stretch, TimeProvider time)
{
    /// <summary>Into how many slices the stretch is cut.</summary>
    public const int Slices = 20;

    // One more than the stretch has: the current one has only begun.
    private readonly long[] _counts = new long[Slices + 1];
    private readonly long _origin = time.GetTimestamp();
    private readonly long _slice = Math.Max(1, stretch.Ticks / Slices);
    private long _current;
    private long _total;

    public long Total
    {
        get
        {
            Advance();
            return _total;
        }
    }

    public void Add()
    {
        Advance();
        _counts[_current % _counts.Length]++;
        _total++;
    }

    private void Advance()
    {
        var now = time.GetElapsedTime(_origin).Ticks / _slice;
        if (now - _current >= _counts.Length)
        {
            Array.Clear(_counts);
            (_current, _total) = (now, 0);
        }

        while (_current < now)
        {
            ref var oldest = ref _counts[++_current % _counts.Length];
            _total -= oldest;
            oldest = 0;
        }
    }
}
