using MeshSdk.Sources;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>
/// How long a command waits for a cluster. An application waits out whatever ails its API server; whoever typed a command wants to be told, and soon where
/// every attempt fails.
/// </summary>
internal static class LivePatience
{
    /// <summary>How long a server may take to give any sign of life.</summary>
    public static readonly TimeSpan FirstAnswer = TimeSpan.FromSeconds(5);

    /// <summary>How long one that does may take until everything is read.</summary>
    public static readonly TimeSpan Sync = TimeSpan.FromMinutes(1);

    /// <summary>How long attempts may fail, all of them. The library makes two of each in that time: the first may have met a server that was just restarting.</summary>
    public static readonly TimeSpan Failing = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until everything is read.</summary>
    /// <param name="delivered">Completes then, or fails.</param>
    /// <returns>Null in that case; else how long it was waited for in vain.</returns>
    public static async Task<TimeSpan?> RunOutAsync(Task delivered, IResourceSource source, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (!delivered.IsCompleted)
        {
            var elapsed = time.GetElapsedTime(start);
            var limit = LimitFor(source);
            if (elapsed >= limit)
            {
                return limit;
            }

            var look = limit - elapsed < LookInterval ? limit - elapsed : LookInterval;
            await delivered.WaitAsync(look, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return null;
    }

    private static TimeSpan LimitFor(IResourceSource source)
    {
        var health = source is ISourceHealth told ? told.Health : [];
        if (health.Any(static watch => watch.Age is not null || watch.State != WatchState.Pending))
        {
            return Sync;
        }

        return health.Any() && health.All(static watch => watch.HasFailed) ? Failing : FirstAnswer;
    }
}
