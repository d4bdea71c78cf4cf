using MeshSdk.Model;

namespace MeshSdk.Resilience;

/// <summary>
/// Keeps the retries to a cluster that are under way at once within a number, or within a share of all requests. A retry counts from the decision for it, waits
/// included, until it is judged itself: that the body of an answer is still to come makes it no retry under way.
/// </summary>
internal sealed class RetryLimit(TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile ConnectionLimits _limits = ConnectionLimits.None;
    private SlidingCount? _begun;
    private int _active;

    public int Active => Volatile.Read(ref _active);

    public ConnectionLimits Limits
    {
        get => _limits;
        set
        {
            lock (_gate)
            {
                var interval = value.RetryShare?.Interval ?? TimeSpan.Zero;
                if (interval != (_limits.RetryShare?.Interval ?? TimeSpan.Zero))
                {
                    _begun = interval > TimeSpan.Zero ? new SlidingCount(interval, time) : null;
                }

                _limits = value;
            }
        }
    }

    /// <summary>A request goes out, a retry or not.</summary>
    public void Sending()
    {
        if (_limits.RetryShare is { Interval.Ticks: > 0 })
        {
            lock (_gate)
            {
                _begun?.Add();
            }
        }
    }

    /// <summary>Asks for one retry more.</summary>
    /// <param name="requests">How many requests are under way to the cluster.</param>
    /// <returns>False where that would be one too many. Else <see cref="Exit"/> is owed.</returns>
    public bool TryEnter(int requests)
    {
        var most = Most(requests);
        var active = Active;
        while (active < most)
        {
            var found = Interlocked.CompareExchange(ref _active, active + 1, active);
            if (found == active)
            {
                return true;
            }

            active = found;
        }

        return false;
    }

    public void Exit() => Interlocked.Decrement(ref _active);

    private int Most(int requests)
    {
        if (_limits.RetryShare is not { } share)
        {
            return _limits.MaxRetries ?? int.MaxValue;
        }

        double counted = requests;
        if (share.Interval > TimeSpan.Zero)
        {
            lock (_gate)
            {
                counted = _begun?.Total ?? 0;
            }
        }

        return (int)Math.Clamp(share.Percent / 100 * counted, share.MinConcurrency, int.MaxValue);
    }
}
