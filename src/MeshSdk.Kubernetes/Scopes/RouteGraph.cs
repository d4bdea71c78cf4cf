using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>Which services lead to which other ones, by the routes that hang on them.</summary>
internal sealed class RouteGraph
{
    private readonly Dictionary<ResourceKey, RouteLinks> _routes = [];
    private readonly Dictionary<ServiceId, HashSet<ResourceKey>> _byParent = [];

    /// <summary>Takes over a version of a route; null: it is gone.</summary>
    /// <returns>True where it leads elsewhere than before.</returns>
    public bool Set(ResourceKey key, RouteLinks? links)
    {
        _routes.Remove(key, out var old);
        foreach (var parent in old.Parents.IsDefault ? [] : old.Parents)
        {
            var routes = _byParent[parent];
            routes.Remove(key);
            if (routes.Count == 0)
            {
                _byParent.Remove(parent);
            }
        }

        if (links is not { } next)
        {
            return !old.Parents.IsDefault;
        }

        _routes.Add(key, next);
        foreach (var parent in next.Parents)
        {
            if (!_byParent.TryGetValue(parent, out var routes))
            {
                _byParent.Add(parent, routes = []);
            }

            routes.Add(key);
        }

        return old.Parents.IsDefault || !old.Parents.SequenceEqual(next.Parents) || !old.Backends.SequenceEqual(next.Backends);
    }

    /// <summary>The services that any route leads to; some of them several times.</summary>
    public IEnumerable<ServiceId> Backends => _routes.Values.SelectMany(static links => links.Backends);

    /// <summary>The services that the routes of a service lead to; some of them several times.</summary>
    public IEnumerable<ServiceId> BackendsOf(ServiceId parent)
    {
        if (!_byParent.TryGetValue(parent, out var routes))
        {
            yield break;
        }

        foreach (var route in routes)
        {
            foreach (var backend in _routes[route].Backends)
            {
                yield return backend;
            }
        }
    }
}
