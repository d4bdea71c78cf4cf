namespace MeshSdk.Resilience;

/// <summary>
/// A bound on something that runs, as a token that also ends with a token above it. Rented from a <see cref="DeadlinePool"/>: a source that is linked
/// and timed anew for every request would be most of what a request with a timeout costs.
/// </summary>
internal sealed class Deadline : IDisposable
{
    // Timers take no more than 49 days; what is longer is armed again when that is over.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source = new();
    private readonly DeadlinePool _pool;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private CancellationTokenRegistration _above;
    private TimeSpan _timeout;
    private long _start;
    private bool _isArmed;
    private volatile bool _isExpired;

    public Deadline(DeadlinePool pool, TimeProvider time)
    {
        _pool = pool;
        _time = time;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static state => ((Deadline)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Cancelled when the time is over, and when the token above is.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time is over. Stays true: what has expired once is never rented out again.</summary>
    public bool IsExpired => _isExpired;

    /// <summary>How much of the time is left; negative where it is over.</summary>
    public TimeSpan Left => _timeout - _time.GetElapsedTime(_start);

    public void Start(TimeSpan timeout, CancellationToken above)
    {
        lock (_gate)
        {
            (_timeout, _start, _isArmed) = (timeout, _time.GetTimestamp(), true);
            Arm(timeout);
        }

        _above = above.UnsafeRegister(static state => ((Deadline)state!)._source.Cancel(), this);
    }

    /// <summary>From here on only the time counts. Returns when a cancellation that is under way has come to its end.</summary>
    public void Unlink()
    {
        _above.Dispose();
        _above = default;
    }

    /// <summary>Gives it back: what it bounds is over, in time or not. Its token must not be used any more.</summary>
    public void Dispose()
    {
        Unlink();
        lock (_gate)
        {
            _isArmed = false;
            if (!_isExpired)
            {
                Arm(Timeout.InfiniteTimeSpan);
            }
        }

        if (_isExpired || !_source.TryReset() || !_pool.TryAdd(this))
        {
            // The source stays: its cancellation may still be under way, and it holds nothing that the collector does not see.
            _timer.Dispose();
        }
    }

    private void Arm(TimeSpan wait) => _timer.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);

    // A ring may be late and meant for whoever had this before. Only the clock tells.
    private void Ring()
    {
        lock (_gate)
        {
            if (!_isArmed)
            {
                return;
            }

            var left = _timeout - _time.GetElapsedTime(_start);
            if (left > TimeSpan.Zero)
            {
                // Timers count in whole milliseconds, and one that is set to less rings at once.
                Arm(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left);
                return;
            }

            _isArmed = false;
            _isExpired = true;
        }

        try
        {
            _source.Cancel();
        }
#pragma warning disable CA1031 // Nothing is above a timer's callback: what throws here ends the process.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
