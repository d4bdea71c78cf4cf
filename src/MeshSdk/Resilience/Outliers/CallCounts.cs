using System.Runtime.InteropServices;

namespace MeshSdk.Resilience.Outliers;

/// <summary>
/// The outcomes of one endpoint's requests in the present interval and in the one before. Kept only where endpoints are compared: unlike errors in a
/// row, which nobody writes while all goes well, this is written by every request.
/// </summary>
internal sealed class CallCounts
{
    // One is written, the other is read and then swept clean.
    private Bucket _active = new();
    private Bucket _inactive = new();

    public void Count(bool isError)
    {
        var bucket = Volatile.Read(ref _active);
        if (isError)
        {
            Interlocked.Increment(ref bucket.Counts.Errors);
        }
        else
        {
            Interlocked.Increment(ref bucket.Counts.Successes);
        }
    }

    /// <summary>Begins a new interval. What is counted at this very moment may be lost or fall into a later one.</summary>
    /// <returns>What the last one had.</returns>
    public CallTally Swap()
    {
        var over = _active;
        var fresh = _inactive;
        Interlocked.Exchange(ref fresh.Counts.Errors, 0);
        Interlocked.Exchange(ref fresh.Counts.Successes, 0);
        Volatile.Write(ref _active, fresh);
        _inactive = over;
        return new CallTally(Volatile.Read(ref over.Counts.Successes), Volatile.Read(ref over.Counts.Errors));
    }

    private sealed class Bucket
    {
        public PaddedCounts Counts;
    }

    // On a cache line of its own: endpoints that are made together lie together.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct PaddedCounts
    {
        [FieldOffset(64)]
        public long Successes;

        [FieldOffset(72)]
        public long Errors;
    }
}

/// <summary>How the requests of an interval ended.</summary>
internal readonly record struct CallTally(long Successes, long Errors)
{
    public long Total => Successes + Errors;

    /// <summary>0 to 1; there must be requests.</summary>
    public double SuccessRate => (double)Successes / Total;

    /// <summary>0 to 100; there must be requests.</summary>
    public double FailurePercentage => 100.0 * Errors / Total;
}
