namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    // Far more than any step needs, far less than a build's patience.
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public static async Task<T> HoldsAsync<T>(Func<T> read, Func<T, bool> condition, string? what = null)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = read();
            if (condition(value))
            {
                return value;
            }

            await WaitAsync(begin, $"Still {value} after {Patience.TotalSeconds} s: {what}");
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string? what = null) => HoldsAsync(condition, static holds => holds, what);

    public static async Task HoldsAsync(Func<ValueTask<bool>> condition, string what)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            await WaitAsync(begin, $"Not after {Patience.TotalSeconds} s: {what}");
        }
    }

    private static Task WaitAsync(long begin, string failure)
    {
        Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, failure);
        return Task.Delay(5, TestContext.Current.CancellationToken);
    }
}
