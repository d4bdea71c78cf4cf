using System.Diagnostics;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Tests.Fixtures;

internal static class ClusterWaits
{
    /// <summary>Waits until something holds of a running cluster's objects, which its controllers change in their own time.</summary>
    public static async Task UntilAsync(this IClusterApi api, Func<IClusterApi, bool> holds)
    {
        for (var watch = Stopwatch.StartNew(); !holds(api);)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "it never came to hold");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
