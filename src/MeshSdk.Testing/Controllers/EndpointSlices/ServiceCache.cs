using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>Services with the pods that they select. Membership is kept up change by change, so that a pod costs no look at all the others.</summary>
internal sealed class ServiceCache
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    private readonly Dictionary<string, Dictionary<string, ServiceMembers>> _services = [];
    private readonly Dictionary<string, Dictionary<string, PodView>> _pods = [];
    private readonly Dictionary<string, string> _zones = [];
    private readonly HashSet<ServiceKey> _dirty = [];

    /// <summary>The zones of the nodes that have one.</summary>
    public IReadOnlyDictionary<string, string> Zones => _zones;

    public ServiceMembers? Find(ServiceKey key) => InNamespace(_services, key.Namespace).GetValueOrDefault(key.Name);

    public void Touch(IEnumerable<ServiceKey> services) => _dirty.UnionWith(services);

    /// <summary>The Services whose slices may be out of date by now; none of them is told twice.</summary>
    public IReadOnlyList<ServiceKey> TakeDirty()
    {
        ServiceKey[] taken = [.. _dirty];
        _dirty.Clear();
        return taken;
    }

    public void ApplyService(ApiChange change)
    {
        var key = new ServiceKey(change.Content.Namespace(), change.Content.Name());
        var services = InNamespace(_services, key.Namespace);
        if (change.Type == "DELETED")
        {
            services.Remove(key.Name);
        }
        else
        {
            var members = new ServiceMembers(ServiceView.From(change.Content));
            foreach (var pod in InNamespace(_pods, key.Namespace).Values.Where(members.Service.Selects))
            {
                members.Pods.Add(pod.Name, pod);
            }

            services[key.Name] = members;
        }

        _dirty.Add(key);
    }

    public void ApplyPod(ApiChange change)
    {
        var (ns, name) = (change.Content.Namespace(), change.Content.Name());
        var pods = InNamespace(_pods, ns);
        PodView? pod = null;
        if (change.Type == "DELETED")
        {
            pods.Remove(name);
        }
        else
        {
            pods[name] = pod = PodView.From(change.Content);
        }

        foreach (var (service, members) in InNamespace(_services, ns))
        {
            if (pod is not null && members.Service.Selects(pod))
            {
                members.Pods[name] = pod;
                _dirty.Add(new(ns, service));
            }
            else if (members.Pods.Remove(name))
            {
                _dirty.Add(new(ns, service));
            }
        }
    }

    public void ApplyNode(ApiChange change)
    {
        var name = change.Content.Name();
        var zone = change.Type == "DELETED" ? null : ((JsonNode)change.Content).TextAt("metadata", "labels", ZoneLabel);
        if (_zones.GetValueOrDefault(name) == zone)
        {
            return;
        }

        if (zone is null)
        {
            _zones.Remove(name);
        }
        else
        {
            _zones[name] = zone;
        }

        foreach (var (ns, services) in _services)
        {
            _dirty.UnionWith(services.Where(service => service.Value.Pods.Values.Any(pod => pod.NodeName == name))
                .Select(service => new ServiceKey(ns, service.Key)));
        }
    }

    private static Dictionary<string, T> InNamespace<T>(Dictionary<string, Dictionary<string, T>> all, string ns)
    {
        if (!all.TryGetValue(ns, out var objects))
        {
            all.Add(ns, objects = []);
        }

        return objects;
    }
}

internal sealed class ServiceMembers(ServiceView service)
{
    public ServiceView Service { get; } = service;

    /// <summary>Those that the Service selects, by name.</summary>
    public Dictionary<string, PodView> Pods { get; } = [];
}
