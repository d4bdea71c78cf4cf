using System.Diagnostics;

namespace CanaryDemo.Migrating;

/// <summary>What an order to the servers makes of those who are not welcome any more.</summary>
/// <param name="Before">What they were told before it.</param>
/// <param name="After">What they are told since.</param>
/// <param name="Took">How long after the order.</param>
/// <param name="Holds">Whether all of them were let in before, and none is now.</param>
internal sealed record Refusal(IReadOnlyList<string> Before, IReadOnlyList<string> After, TimeSpan Took, bool Holds)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // It takes the servers a second at most; a busy machine gets more.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <param name="call">Calls each server, on the part of those who will not be welcome.</param>
    /// <param name="welcome">What they are told before.</param>
    /// <param name="order">Changes that.</param>
    /// <param name="refused">What they are told when it is in force.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Refusal> OfAsync(
        Func<CancellationToken, Task<IReadOnlyList<string>>> call, string welcome, Func<Task> order, string refused, CancellationToken cancellationToken)
    {
        var before = await call(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        await order();
        while (true)
        {
            var after = await call(cancellationToken);
            var (took, isInForce) = (Stopwatch.GetElapsedTime(started), after.All(answer => answer == refused));
            if (isInForce || took > Longest)
            {
                return new Refusal(before, after, took, isInForce && before.All(answer => answer == welcome));
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}
