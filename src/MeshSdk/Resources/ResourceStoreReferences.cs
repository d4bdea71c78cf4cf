using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Resources;

/// <summary>What objects say of other objects, read the same way by the store's indexes and by the compiler.</summary>
internal static class ResourceStoreReferences
{
    public static ServiceId ServiceId(this Resource resource) => new(resource.Metadata.Namespace, resource.Metadata.Name);

    /// <summary>The service that a route attaches to by this reference; null where it names something else, such as a Gateway.</summary>
    public static ServiceId? ServiceParent(this Resource route, ParentReference? parent) =>
        parent is { Kind: "Service", Group: "" or "core", Name.Length: > 0 }
            ? new ServiceId(NamespaceOr(parent.Namespace, route), parent.Name)
            : null;

    /// <summary>The service that a backend reference names; null where it names an object of another kind.</summary>
    public static ServiceId? ServiceBackend(this Resource route, HttpBackendRef? backend) =>
        backend is { Kind: null or "Service", Group: null or "" or "core", Name.Length: > 0 }
            ? new ServiceId(NamespaceOr(backend.Namespace, route), backend.Name)
            : null;

    public static string NamespaceOr(string? stated, Resource route) => string.IsNullOrEmpty(stated) ? route.Metadata.Namespace : stated;

    public static IEnumerable<ServiceId> ServiceParents(this RouteResource route)
    {
        foreach (var parent in route.Parents)
        {
            if (route.ServiceParent(parent) is { } id)
            {
                yield return id;
            }
        }
    }

    /// <summary>The services that a route leads to, and those that it mirrors to.</summary>
    public static IEnumerable<ServiceId> ServiceBackends(this RouteResource route)
    {
        foreach (var backend in route.AllBackends())
        {
            if (route.ServiceBackend(backend) is { } id)
            {
                yield return id;
            }
        }
    }

    private static IEnumerable<HttpBackendRef?> AllBackends(this RouteResource route)
    {
        foreach (var rule in route.WrittenRules)
        {
            foreach (var mirror in MirrorsOf(rule?.Filters))
            {
                yield return mirror;
            }

            foreach (var backend in (rule?.BackendRefs).OrEmpty())
            {
                yield return backend;
                foreach (var mirror in MirrorsOf(backend?.Filters))
                {
                    yield return mirror;
                }
            }
        }
    }

    private static IEnumerable<HttpBackendRef?> MirrorsOf(ImmutableArray<HttpRouteFilter>? filters)
    {
        foreach (var filter in filters.OrEmpty())
        {
            if (filter?.RequestMirror is { } mirror)
            {
                yield return mirror.BackendRef;
            }
        }
    }

    /// <summary>The service that a policy applies to by this reference; null where it names something else.</summary>
    public static ServiceId? ServiceTarget(this PolicyResource policy, PolicyTargetReference? target) =>
        target is { Kind: "Service", Group: "" or "core", Name.Length: > 0 } ? new ServiceId(policy.Metadata.Namespace, target.Name) : null;

    public static IEnumerable<ServiceId> ServiceTargets(this PolicyResource policy)
    {
        foreach (var target in policy.Targets)
        {
            if (policy.ServiceTarget(target) is { } id)
            {
                yield return id;
            }
        }
    }

    /// <summary>The service that a slice belongs to; null where it has no label for that.</summary>
    public static ServiceId? OwningService(this EndpointSlice slice) =>
        slice.ServiceName is { Length: > 0 } name ? new ServiceId(slice.Metadata.Namespace, name) : null;

    /// <summary>A list that an object leaves out is empty.</summary>
    public static ImmutableArray<T> OrEmpty<T>(this ImmutableArray<T>? items) =>
        items is { IsDefault: false } present ? present : [];
}
