using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Runtime;

/// <summary>
/// What publishes that threw half-way may have left in force beside the last whole snapshot. The next one has to take it away as well: a service
/// that came with a torn publish and is gone before the next would otherwise be served for ever.
/// </summary>
internal sealed class TornServices
{
    private readonly Dictionary<ServiceId, ServiceModel> _services = [];

    /// <summary>The publish of this snapshot threw.</summary>
    public void Note(MeshSnapshot torn, IEnumerable<ServiceId> changed)
    {
        foreach (var id in changed)
        {
            if (torn.Services.TryGetValue(id, out var service))
            {
                _services[id] = Join(service, _services.GetValueOrDefault(id));
            }
        }
    }

    /// <summary>All that may be in force of a service now.</summary>
    public ServiceModel? InForce(MeshSnapshot whole, ServiceId id)
    {
        var service = whole.Services.GetValueOrDefault(id);
        return !_services.TryGetValue(id, out var torn) ? service : service is null ? torn : Join(service, torn);
    }

    /// <summary>A publish came to its end.</summary>
    public void Clear() => _services.Clear();

    // Only names and clusters are taken away one by one; the rest is replaced as a whole.
    private static ServiceModel Join(ServiceModel service, ServiceModel? other) => other is null ? service : service with
    {
        Hosts = [.. service.Hosts.Union(other.Hosts)],
        Clusters = [.. service.Clusters.UnionBy(other.Clusters, static cluster => cluster.Id)],
    };
}
