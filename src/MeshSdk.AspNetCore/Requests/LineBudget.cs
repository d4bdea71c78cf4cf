namespace MeshSdk.AspNetCore.Requests;

/// <summary>
/// How many lines may be logged of what callers bring about, in one stretch of time. Not exact where two come at once, which does no harm.
/// </summary>
internal sealed class LineBudget(TimeProvider time, int lines, TimeSpan stretch)
{
    private long _began = time.GetTimestamp();
    private int _asked;

    /// <param name="missed">How many were not logged in the stretch that is over now.</param>
    public bool TryTake(out int missed)
    {
        missed = 0;
        var (now, began) = (time.GetTimestamp(), Volatile.Read(ref _began));
        if (time.GetElapsedTime(began, now) >= stretch && Interlocked.CompareExchange(ref _began, now, began) == began)
        {
            missed = Math.Max(0, Interlocked.Exchange(ref _asked, 0) - lines);
        }

        return Interlocked.Increment(ref _asked) <= lines;
    }
}
