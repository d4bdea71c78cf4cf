using System.Collections.Immutable;
using MeshSdk.Clusters;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>A filter, with the cluster that it mirrors to; null where it mirrors to none.</summary>
internal readonly record struct BoundFilter(RouteFilter Model, ClusterState? Mirror)
{
    public static ImmutableArray<BoundFilter> Bind(ImmutableArray<RouteFilter> filters, Func<ClusterId, ClusterState> clusters) =>
        filters.IsEmpty ? [] : [.. filters.Select(filter => new BoundFilter(filter, MirrorOf(filter, clusters)))];

    private static ClusterState? MirrorOf(RouteFilter filter, Func<ClusterId, ClusterState> clusters) =>
        filter is MirrorFilter { Target: { Failure: null } target } ? clusters(target.Cluster) : null;
}
