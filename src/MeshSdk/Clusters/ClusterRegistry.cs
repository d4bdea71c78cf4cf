using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Clusters;

/// <summary>
/// All clusters of the mesh by identity. Touched by the one writer only; requests reach clusters through the routes that are bound to them.
/// </summary>
internal sealed class ClusterRegistry(LoadBalancingPolicies policies, TransportSettings transport) : IDisposable
{
    private readonly Dictionary<ClusterId, ClusterState> _clusters = [];

    /// <summary>The cluster of that name, empty until its model arrives.</summary>
    public ClusterState Get(ClusterId id)
    {
        if (!_clusters.TryGetValue(id, out var cluster))
        {
            cluster = new ClusterState(id, policies, transport);
            _clusters.Add(id, cluster);
        }

        return cluster;
    }

    /// <summary>Puts the clusters of a service in force and retires those that it no longer has.</summary>
    public void Apply(ServiceModel? previous, ServiceModel? current)
    {
        foreach (var model in current?.Clusters ?? [])
        {
            Get(model.Id).Apply(model);
        }

        foreach (var old in previous?.Clusters ?? [])
        {
            if (current is null || !current.Clusters.Any(c => c.Id == old.Id))
            {
                // The state object stays registered: routes that are rebound later in the same step may still hold it, and it comes back to
                // life where the port does.
                Get(old.Id).Retire();
            }
        }
    }

    public void Dispose()
    {
        foreach (var cluster in _clusters.Values)
        {
            cluster.Dispose();
        }
    }
}
