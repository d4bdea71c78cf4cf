using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>Waits for what others do in their own time. A clock that the test owns moves on meanwhile, so that a minute of theirs is a second here.</summary>
internal static class Wait
{
    // How far the clock moves at a time.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LongStep = TimeSpan.FromSeconds(1);

    // How many steps one may come late.
    private const int Late = 4;
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    /// <param name="holds">Whether it has come to hold.</param>
    /// <param name="time">The clock of those who are waited for; null: the system's.</param>
    /// <param name="within">
    /// By that clock, which stops a few steps later: what is under way has as long as the machine needs, and what would have to wait any longer never
    /// happens. The steps are for alarms that are set while the clock moves, and so a little later than if it stood still for them.
    /// </param>
    /// <param name="describe">What there is instead.</param>
    public static async Task UntilAsync(
        Func<Task<bool>> holds, FakeTimeProvider? time = null, TimeSpan? within = null, Func<string>? describe = null)
    {
        var real = Stopwatch.StartNew();
        using var trips = new RoundTrips();
        var step = within > TimeSpan.FromSeconds(30) ? LongStep : Step;
        for (var passed = TimeSpan.Zero; !await holds();)
        {
            Assert.True(real.Elapsed < Patience, $"it never came to hold: {describe?.Invoke()}");
            await SettleAsync(time is null ? null : trips);
            if (time is not null && (within is null || passed < within + (Late * step)))
            {
                if (within is not null)
                {
                    // Where it matters when an alarm was set, a connection has the time that it takes to be made.
                    await trips.ShakeHandsAsync();
                }

                time.Advance(step);
                passed += step;
            }
        }
    }

    /// <summary>Lets time pass in steps, each with a moment of the machine's for those who work by it.</summary>
    public static async Task PassAsync(this FakeTimeProvider time, TimeSpan span)
    {
        using var trips = new RoundTrips();
        for (var passed = TimeSpan.Zero; passed < span; passed += LongStep)
        {
            time.Advance(LongStep);
            await SettleAsync(trips);
        }
    }

    /// <summary>
    /// Gives what the clock has set going time to run, applications and API server alike, which all live in this process: on a busy machine the clock would run
    /// away from them, and whoever sets an alarm would do so after the time that the test had for it.
    /// </summary>
    private static async Task SettleAsync(RoundTrips? trips)
    {
        var real = Stopwatch.StartNew();
        do
        {
            await Task.Delay(4, TestContext.Current.CancellationToken);
        }
        while (ThreadPool.PendingWorkItemCount > 0 && real.Elapsed < Longest);

        // What is on its way over a socket is seen nowhere until it arrives.
        if (trips is not null)
        {
            await trips.MakeAsync();
        }
    }
}
