using System.Collections.Concurrent;
using System.Collections.Immutable;
using MeshSdk.Clusters;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>
/// From the authority that a request dials to its frontend. Adding a service touches its own names only; a changed weight touches one cell.
/// </summary>
internal sealed class FrontendIndex
{
    private readonly ConcurrentDictionary<string, ServiceFrontends> _hosts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ServiceFrontends>.AlternateLookup<ReadOnlySpan<char>> _spans;

    // Only the writer touches it.
    private readonly Dictionary<ServiceId, ServiceFrontends> _services = [];
    private readonly ClusterRegistry _clusters;
    private readonly Random _random;

    public FrontendIndex(ClusterRegistry clusters, Random random)
    {
        _clusters = clusters;
        _random = random;
        _spans = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The frontend that a URI dials; null where the host or the port is none of the mesh.</summary>
    public Frontend? Find(Uri uri)
    {
        // Lower case already, IPv6 addresses without brackets and compressed: the forms that the compiler writes hosts in.
        var host = uri.IdnHost;
        if (!_hosts.TryGetValue(host, out var service) && !(host.EndsWith('.') && _spans.TryGetValue(host.AsSpan()[..^1], out service)))
        {
            return null;
        }

        return service.Find(uri.Port);
    }

    /// <summary>Puts the frontends of a service in force. One writer at a time; the service's clusters come first.</summary>
    public void Apply(ServiceId id, ServiceModel? previous, ServiceModel? current)
    {
        if (!_services.TryGetValue(id, out var frontends))
        {
            frontends = new ServiceFrontends();
            _services.Add(id, frontends);
        }

        frontends.Apply(current?.Frontends ?? [], _clusters.Get, _random);
        foreach (var host in current?.Hosts ?? [])
        {
            _hosts[host] = frontends;
        }

        foreach (var host in previous?.Hosts ?? [])
        {
            if (current is null || !current.Hosts.Contains(host))
            {
                // Unless another service has taken the name over in the meantime.
                _hosts.TryRemove(KeyValuePair.Create(host, frontends));
            }
        }

        if (current is null)
        {
            _services.Remove(id);
        }
    }

    /// <summary>The frontends of one service, few enough to look through.</summary>
    private sealed class ServiceFrontends
    {
        private volatile Frontend[] _ports = [];

        public Frontend? Find(int port)
        {
            foreach (var frontend in _ports)
            {
                if (frontend.Id.Port == port)
                {
                    return frontend;
                }
            }

            return null;
        }

        public void Apply(ImmutableArray<FrontendModel> models, Func<ClusterId, ClusterState> clusters, Random random)
        {
            var old = _ports;
            var ports = new Frontend[models.Length];
            for (var i = 0; i < models.Length; i++)
            {
                ports[i] = Array.Find(old, f => f.Id.Port == models[i].Id.Port) ?? new Frontend(models[i].Id);
                ports[i].Routes = RouteBinder.Bind(models[i], ports[i].Routes, clusters, random);
            }

            _ports = ports;
            foreach (var gone in old.Except(ports))
            {
                gone.Routes = null;
            }
        }
    }
}
