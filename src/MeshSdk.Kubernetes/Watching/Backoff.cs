namespace MeshSdk.Kubernetes.Watching;

/// <summary>How long to wait after a fault: twice as long after each, within bounds, and never the same for many processes that lost one server.</summary>
internal sealed class Backoff(Random random)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // The share of a delay that is left to chance.
    private const double Jitter = 0.5;

    private int _faults;

    public void Reset() => _faults = 0;

    public TimeSpan Next()
    {
        var delay = Math.Min(Shortest.TotalSeconds * Math.Pow(2, Math.Min(_faults, 10)), Longest.TotalSeconds / (1 + Jitter));
        _faults++;
        return TimeSpan.FromSeconds(delay * (1 + (Jitter * Chance())));
    }

    /// <summary>A time somewhat longer than <paramref name="delay"/>, by a tenth at most.</summary>
    public TimeSpan AtLeast(TimeSpan delay) => delay * (1 + (0.1 * Chance()));

    /// <summary>Any time up to <paramref name="longest"/>.</summary>
    public TimeSpan Within(TimeSpan longest) => longest * Chance();

#pragma warning disable CA5394 // Spreads load; guards nothing.
    private double Chance() => random.NextDouble();
#pragma warning restore CA5394
}
