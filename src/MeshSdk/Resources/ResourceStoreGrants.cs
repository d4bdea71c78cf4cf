using MeshSdk.Model;

namespace MeshSdk.Resources;

/// <summary>Which references from one namespace into another are permitted, and which routes hold such references.</summary>
internal sealed class ResourceStoreGrants
{
    private readonly Dictionary<string, List<ReferenceGrant>> _grants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<RouteResource>> _referring = new(StringComparer.Ordinal);

    /// <summary>Whether a route may lead to a service. One of its own namespace always may.</summary>
    public bool Permits(Resource route, ServiceId backend)
    {
        if (route.Metadata.Namespace == backend.Namespace)
        {
            return true;
        }

        foreach (var grant in _grants.GetValueOrDefault(backend.Namespace, []))
        {
            if (IsFrom(grant, route) && IsTo(grant, backend))
            {
                return true;
            }
        }

        return false;
    }

    public void Add(ReferenceGrant grant)
    {
        if (!_grants.TryGetValue(grant.Metadata.Namespace, out var grants))
        {
            _grants.Add(grant.Metadata.Namespace, grants = []);
        }

        grants.Add(grant);
    }

    public void Remove(ReferenceGrant grant)
    {
        var grants = _grants[grant.Metadata.Namespace];
        grants.RemoveAll(other => ReferenceEquals(other, grant));
        if (grants.Count == 0)
        {
            _grants.Remove(grant.Metadata.Namespace);
        }
    }

    public void Add(RouteResource route)
    {
        foreach (var ns in ForeignNamespaces(route))
        {
            if (!_referring.TryGetValue(ns, out var routes))
            {
                // By reference: routes compare by value, field by field, which nothing here needs.
                _referring.Add(ns, routes = new HashSet<RouteResource>(ReferenceEqualityComparer.Instance));
            }

            routes.Add(route);
        }
    }

    public void Remove(RouteResource route)
    {
        foreach (var ns in ForeignNamespaces(route))
        {
            if (_referring.TryGetValue(ns, out var routes) && routes.Remove(route) && routes.Count == 0)
            {
                _referring.Remove(ns);
            }
        }
    }

    /// <summary>Routes whose references may be permitted by this grant, or not be without it.</summary>
    public IEnumerable<RouteResource> ConcernedBy(ReferenceGrant grant) =>
        _referring.GetValueOrDefault(grant.Metadata.Namespace, []).Where(route => IsFrom(grant, route));

    private static bool IsFrom(ReferenceGrant grant, Resource route)
    {
        foreach (var from in grant.Spec.From.OrEmpty())
        {
            if (from is not null && from.Group == route.Group && from.Kind == route.Kind && from.Namespace == route.Metadata.Namespace)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTo(ReferenceGrant grant, ServiceId backend)
    {
        foreach (var to in grant.Spec.To.OrEmpty())
        {
            if (to is { Group: "", Kind: "Service" } && (string.IsNullOrEmpty(to.Name) || to.Name == backend.Name))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> ForeignNamespaces(RouteResource route) =>
        route.ServiceBackends().Select(static id => id.Namespace).Where(ns => ns != route.Metadata.Namespace).Distinct(StringComparer.Ordinal);
}
