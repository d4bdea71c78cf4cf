namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    // Far more than any step needs, far less than a build's patience.
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<ValueTask<bool>> condition, string what)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, $"not after {Patience.TotalSeconds} s: {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string what) => HoldsAsync(() => ValueTask.FromResult(condition()), what);
}
