using MeshSdk.Model;

namespace MeshSdk.Resilience;

/// <summary>
/// How long to wait before a retry. What a route states is the least wait: it doubles from retry to retry up to ten times, and jitter only adds to
/// it. Where a route states nothing it is Envoy's default, which may be next to nothing: anything between zero and 25 ms, doubling up to 250 ms.
/// </summary>
internal static class RetryBackoff
{
    private const int MostTimes = 10;

    // Timers take 49 days, and durations of the API reach eleven years.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    /// <param name="retry">The stanza.</param>
    /// <param name="number">How many retries came before this one.</param>
    /// <param name="random">From 0 to less than 1.</param>
    public static TimeSpan Wait(RouteRetry retry, int number, double random)
    {
        var times = number < 4 ? 1 << number : MostTimes;
        return retry.Backoff is { } least ? Scale(least, times * (1 + (random / 2))) : Scale(RouteRetry.DefaultBackoff, times * random);
    }

    private static TimeSpan Scale(TimeSpan wait, double times) => TimeSpan.FromTicks((long)Math.Min(wait.Ticks * times, Longest.Ticks));
}
