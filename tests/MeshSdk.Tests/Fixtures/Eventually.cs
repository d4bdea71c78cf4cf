namespace MeshSdk.Tests.Fixtures;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    public static async Task True(Func<bool> condition, string what)
    {
        using var late = new CancellationTokenSource(Bound);
        while (!condition())
        {
            Assert.False(late.IsCancellationRequested, $"Still not so after {Bound.TotalSeconds} s: {what}");
            await Task.Delay(5);
        }
    }

    public static Task Idle(TestMesh mesh, string uri = "http://backend") =>
        True(() => mesh.Cluster(uri).Usable.All(static e => e.ActiveRequests == 0), "no active requests");
}
