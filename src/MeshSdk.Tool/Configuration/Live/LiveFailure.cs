using MeshSdk.Sources;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Says why a cluster was not read.</summary>
internal static class LiveFailure
{
    /// <param name="within">How long it was waited for.</param>
    public static string Describe(LiveCluster cluster, IResourceSource source, TimeSpan within)
    {
        var pending = (source as ISourceHealth)?.Health.FirstOrDefault(static watch => watch.State == WatchState.Pending);
        var missing = pending is null ? "" : $"; {pending.Kind} in {pending.Scope} was not read{(pending.Detail.Length == 0 ? "" : $": {pending.Detail}")}";
        return $"the API server did not deliver within {within.TotalSeconds:0} s; tried {cluster.Description}{missing}";
    }
}
