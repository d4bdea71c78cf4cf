namespace MeshSdk.Tests.Runtime;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    public static async Task<T> HoldsAsync<T>(Func<T> read, Func<T, bool> condition, TimeSpan? within = null)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = read();
            if (condition(value))
            {
                return value;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < (within ?? MeshUnderTest.Patience), $"Still {value}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public static Task HoldsAsync(Func<bool> condition, TimeSpan? within = null) => HoldsAsync(condition, static holds => holds, within);
}
