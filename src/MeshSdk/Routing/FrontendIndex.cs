using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<string, int> _namespaces = new(StringComparer.Ordinal);
    private readonly ClusterRegistry _clusters;
    private readonly Random _random;

    public FrontendIndex(ClusterRegistry clusters, Random random)
    {
        _clusters = clusters;
        _random = random;
        _spans = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The frontend that a URI dials; null where the host or the port is none of the mesh.</summary>
    public Frontend? Find(Uri uri) => FindFrontends(uri)?.Find(uri.Port);

    /// <summary>The service whose host a URI dials, whatever its port; null where it is none of the mesh, or is just leaving it.</summary>
    public ServiceId? FindService(Uri uri) => FindFrontends(uri) is { HasLeft: false } service ? service.Id : null;

    /// <summary>The ports of the service whose host a URI dials, in the order written.</summary>
    public IReadOnlyList<int> PortsOf(Uri uri) => FindFrontends(uri)?.Ports ?? [];

    /// <summary>Whether there is a service in that namespace, which is written in lower case.</summary>
    public bool HasNamespace(string name) => _namespaces.ContainsKey(name);

    /// <summary>
    /// The services that were called since the last time, and those that still have requests under way: a stream that lasts longer than a service may
    /// be idle is one call, made long ago.
    /// </summary>
    public IReadOnlyCollection<ServiceId> TakeUsed()
    {
        var used = new HashSet<ServiceId>();
        foreach (var (_, service) in _hosts)
        {
            // A service stands here once for each of its names; one look is enough.
            if (!used.Contains(service.Id) && (service.TakeUse() | service.HasActiveRequests))
            {
                used.Add(service.Id);
            }
        }

        return used;
    }

    /// <summary>Puts the frontends of a service in force. One writer at a time; the service's clusters come first.</summary>
    public void Apply(ServiceId id, ServiceModel? previous, ServiceModel? current)
    {
        if (!_services.TryGetValue(id, out var frontends))
        {
            frontends = new ServiceFrontends(id);
            _services.Add(id, frontends);
            _namespaces.AddOrUpdate(id.Namespace.ToLowerInvariant(), 1, static (_, count) => count + 1);
        }

        // First: a request that finds no port any more must not take this for a port that the service does not have.
        frontends.HasLeft = current is null;
        frontends.Apply(current, _clusters.Get, _random);
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
            Leave(id.Namespace.ToLowerInvariant());
        }
    }

    private ServiceFrontends? FindFrontends(Uri uri)
    {
        // Lower case already, IPv6 addresses without brackets and compressed: the forms that the compiler writes hosts in.
        var host = uri.IdnHost;
        return _hosts.TryGetValue(host, out var service) || (host.EndsWith('.') && _spans.TryGetValue(host.AsSpan()[..^1], out service)) ? service : null;
    }

    private void Leave(string name)
    {
        var count = _namespaces[name];
        if (count == 1)
        {
            _namespaces.TryRemove(name, out _);
        }
        else
        {
            _namespaces[name] = count - 1;
        }
    }

    /// <summary>The frontends of one service, few enough to look through.</summary>
    private sealed class ServiceFrontends(ServiceId id)
    {
        private volatile Frontend[] _ports = [];
        private volatile ClusterState[] _clusters = [];
        private volatile bool _hasLeft;

        public ServiceId Id { get; } = id;

        public IReadOnlyList<int> Ports => [.. _ports.Select(static port => port.Id.Port)];

        /// <summary>The service has left the mesh, or is about to.</summary>
        public bool HasLeft
        {
            get => _hasLeft;
            set => _hasLeft = value;
        }

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

        public bool TakeUse()
        {
            var isUsed = false;
            foreach (var frontend in _ports)
            {
                isUsed |= frontend.TakeUse();
            }

            return isUsed;
        }

        // Its own, since a route that has moved on leaves the requests behind that it sent here; and those that its routes lead to.
        public bool HasActiveRequests =>
            Array.Exists(_clusters, static own => own.HasActiveRequests) || Array.Exists(_ports, static port => port.HasActiveRequests);

        public void Apply(ServiceModel? service, Func<ClusterId, ClusterState> clusters, Random random)
        {
            var models = service?.Frontends ?? [];
            _clusters = [.. (service?.Clusters ?? []).Select(own => clusters(own.Id))];
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
