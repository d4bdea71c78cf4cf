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

    /// <summary>Puts those clusters of a service in force that have endpoints to offer; before the routes that lead to them.</summary>
    public void Apply(ServiceModel service) => Apply(service, withEndpoints: true);

    /// <summary>
    /// Puts those in force that have none, and retires those that the service no longer has; after the routes that used them are gone, for a request
    /// that still follows such a route would find nothing.
    /// </summary>
    public void Retire(ServiceModel? previous, ServiceModel? current)
    {
        if (current is not null)
        {
            Apply(current, withEndpoints: false);
        }

        foreach (var old in previous?.Clusters ?? [])
        {
            // Not forgotten: the port may come back, and a route that was bound to this object would not notice.
            if (current is null || !current.Clusters.Any(c => c.Id == old.Id))
            {
                Get(old.Id).Retire();
            }
        }
    }

    private void Apply(ServiceModel service, bool withEndpoints)
    {
        foreach (var model in service.Clusters)
        {
            if (model.Endpoints.Any(static e => e.Health != EndpointHealth.Unready) == withEndpoints)
            {
                Get(model.Id).Apply(model);
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
