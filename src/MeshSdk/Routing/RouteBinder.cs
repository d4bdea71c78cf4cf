using MeshSdk.Clusters;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>Ties a compiled table to living clusters, and hands the splits of unchanged rules on.</summary>
internal static class RouteBinder
{
    public static BoundRoutes Bind(FrontendModel model, BoundRoutes? previous, Func<ClusterId, ClusterState> clusters, Random random) =>
        new(model, rule => new BoundRule(model, rule, clusters, SplitOf(rule, previous), random));

    private static WeightedSplit? SplitOf(RouteRule rule, BoundRoutes? previous)
    {
        foreach (var old in previous?.Rules ?? [])
        {
            if (old.Rule.Index == rule.Index && old.Rule.Route == rule.Route && SameBackends(old.Rule.Backends, rule.Backends))
            {
                return old.Split;
            }
        }

        return null;
    }

    private static bool SameBackends(BackendSplit a, BackendSplit b) =>
        a.Backends.Select(static x => x.Cluster).SequenceEqual(b.Backends.Select(static x => x.Cluster));
}
