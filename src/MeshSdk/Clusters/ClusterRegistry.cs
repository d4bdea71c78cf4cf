using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Security;
using MeshSdk.Transport;

namespace MeshSdk.Clusters;

/// <summary>
/// All clusters of the mesh by identity. Written by one thread at a time, that of snapshots as a rule and that of a new identity; requests reach clusters
/// through the routes that are bound to them.
/// </summary>
internal sealed class ClusterRegistry(LoadBalancingPolicies policies, TransportSettings transport, OutlierServices? outliers = null) : IDisposable
{
    private const int FewestToSweep = 32;

    private readonly Lock _writing = new();
    private readonly Dictionary<ClusterId, ClusterState> _clusters = [];

    // Without a model: named by a route before it came, or gone. A route that is bound to one holds it, and must find it filled when it comes
    // (back); what no route is bound to any more is nobody's, and goes.
    private readonly Dictionary<ClusterId, WeakReference<ClusterState>> _absent = [];
    private int _sweepAt = FewestToSweep;

    // Gone, with requests that are still on their endpoints: kept for whoever disposes of the mesh, bound or not.
    private readonly List<ClusterState> _leaving = [];

    /// <summary>The number of clusters that have a model.</summary>
    public int Count => _clusters.Count;

    /// <summary>The number of names that are remembered for those that have none.</summary>
    public int AbsentCount => _absent.Count;

    /// <summary>The cluster of that name, empty until its model arrives.</summary>
    public ClusterState Get(ClusterId id)
    {
        lock (_writing)
        {
            if (_clusters.TryGetValue(id, out var cluster) || (_absent.TryGetValue(id, out var absent) && absent.TryGetTarget(out cluster)))
            {
                return cluster;
            }

            cluster = new ClusterState(id, policies, transport, outliers);
            Remember(cluster);
            return cluster;
        }
    }

    /// <summary>Puts those clusters of a service in force that have endpoints to offer; before the routes that lead to them.</summary>
    public void Apply(ServiceModel service) => Apply(service, withEndpoints: true);

    /// <summary>
    /// Puts those in force that have none, and retires those that the service no longer has; after the routes that used them are gone, for a request
    /// that still follows such a route would find nothing.
    /// </summary>
    public void Retire(ServiceModel? previous, ServiceModel? current)
    {
        lock (_writing)
        {
            if (current is not null)
            {
                Apply(current, withEndpoints: false);
            }

            foreach (var old in previous?.Clusters ?? [])
            {
                if (current is null || !current.Clusters.Any(c => c.Id == old.Id))
                {
                    Retire(old.Id);
                }
            }
        }
    }

    /// <summary>
    /// A new identity is in force. New connections show it in any case; where it lives for a much shorter or longer time than the one before, so do the
    /// connections, and clusters make new ones. For any thread.
    /// </summary>
    public void Adopt(IdentityContext context)
    {
        lock (_writing)
        {
            var hasOtherLifetime = transport.Security.Lifetimes.Adopt(context);
            foreach (var cluster in _clusters.Values)
            {
                if (hasOtherLifetime)
                {
                    cluster.Renew();
                }

                // Calls may wait for this.
                cluster.Changed.Raise();
            }
        }
    }

    private void Retire(ClusterId id)
    {
        if (!_clusters.Remove(id, out var cluster))
        {
            return;
        }

        cluster.Retire();
        Remember(cluster);
        _leaving.RemoveAll(static gone => gone.Draining == 0);
        if (cluster.Draining > 0)
        {
            _leaving.Add(cluster);
        }
    }

    private void Apply(ServiceModel service, bool withEndpoints)
    {
        lock (_writing)
        {
            foreach (var model in service.Clusters)
            {
                if (model.Endpoints.Any(static e => e.Health != EndpointHealth.Unready) == withEndpoints)
                {
                    var cluster = Get(model.Id);
                    _clusters[model.Id] = cluster;
                    _absent.Remove(model.Id);
                    cluster.Apply(model);
                }
            }
        }
    }

    private void Remember(ClusterState cluster)
    {
        if (_absent.Count >= _sweepAt)
        {
            foreach (var (id, absent) in _absent)
            {
                if (!absent.TryGetTarget(out _))
                {
                    _absent.Remove(id); // allowed while enumerating
                }
            }

            // In proportion to what is left, so that each name pays for a constant part of a sweep.
            _sweepAt = Math.Max(FewestToSweep, 2 * _absent.Count);
        }

        _absent[cluster.Id] = new WeakReference<ClusterState>(cluster);
    }

    public void Dispose()
    {
        lock (_writing)
        {
            foreach (var cluster in _clusters.Values.Concat(_leaving))
            {
                cluster.Dispose();
            }
        }
    }
}
