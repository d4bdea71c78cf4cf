using System.Diagnostics;

namespace MeshSdk.Conformance.Cluster;

/// <summary>Waits for what others do in their own time.</summary>
internal static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var waiting = Stopwatch.StartNew(); !await holds();)
        {
            Assert.True(waiting.Elapsed < Limit, "it never came to hold");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The same, no longer than the run's patience, and with a reason.</summary>
    public static async Task UntilAsync(Cases.Run run, Func<bool> holds, string otherwise)
    {
        for (var waiting = Stopwatch.StartNew(); !holds();)
        {
            if (waiting.Elapsed > run.World.Patience.Limit)
            {
                run.World.Patience.Lose();
                Assert.Fail(otherwise);
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
