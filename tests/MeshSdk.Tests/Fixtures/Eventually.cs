namespace MeshSdk.Tests.Fixtures;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    /// <summary>Far more than any step needs, far less than a build's patience.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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

            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, $"Still {value} after {Patience.TotalSeconds} s: {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string? what = null) => HoldsAsync(condition, static holds => holds, what);

    public static Task IdleAsync(TestMesh mesh, string uri = "http://backend") =>
        HoldsAsync(() => mesh.Cluster(uri).Usable.All(static e => e.ActiveRequests == 0), "no active requests");
}
