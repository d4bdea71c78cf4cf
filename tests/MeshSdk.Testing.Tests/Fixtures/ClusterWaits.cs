using System.Diagnostics;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Tests.Fixtures;

internal static class ClusterWaits
{
    /// <summary>Waits until something holds of a running cluster's objects, which its controllers change in their own time.</summary>
    public static Task UntilAsync(this IClusterApi api, Func<IClusterApi, bool> holds) => UntilAsync(() => holds(api));

    /// <summary>Waits until the server has learned that a client has ended its watches, which their connections tell it after the client has gone on.</summary>
    public static Task UntilUnwatchedAsync(this EmbeddedKubernetes cluster) => UntilAsync(() => cluster.ActiveWatches.Count == 0);

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var watch = Stopwatch.StartNew(); !holds();)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "it never came to hold");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
