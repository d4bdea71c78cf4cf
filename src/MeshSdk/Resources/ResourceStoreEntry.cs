using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>
/// All that hangs on the name of one service. It outlives the service itself while something still refers to the name.
/// </summary>
internal sealed class ResourceStoreEntry
{
    public Service? Service { get; set; }

    /// <summary>In order of their names. Replaced by a new array at each change, so that the array itself tells whether anything changed.</summary>
    public ImmutableArray<EndpointSlice> Slices { get; private set; } = [];

    /// <summary>Another number whenever something changed about the pods behind the slices.</summary>
    public long PodsVersion { get; set; }

    /// <summary>Routes that name the service as a parent, in no particular order.</summary>
    public List<RouteResource> Routes { get; } = [];

    /// <summary>Routes that name the service as a backend, in no particular order.</summary>
    public List<RouteResource> ReferringRoutes { get; } = [];

    public bool IsEmpty => Service is null && Slices.IsEmpty && Routes.Count == 0 && ReferringRoutes.Count == 0;

    public void Add(EndpointSlice slice)
    {
        var index = 0;
        while (index < Slices.Length && string.CompareOrdinal(Slices[index].Metadata.Name, slice.Metadata.Name) < 0)
        {
            index++;
        }

        Slices = Slices.Insert(index, slice);
    }

    public void Remove(EndpointSlice slice)
    {
        for (var i = 0; i < Slices.Length; i++)
        {
            if (ReferenceEquals(Slices[i], slice))
            {
                Slices = Slices.RemoveAt(i);
                return;
            }
        }
    }

    /// <summary>By reference: routes compare by value, field by field, which nothing here needs.</summary>
    public static void Add(List<RouteResource> routes, RouteResource route)
    {
        if (IndexOf(routes, route) < 0)
        {
            routes.Add(route);
        }
    }

    public static void Remove(List<RouteResource> routes, RouteResource route)
    {
        if (IndexOf(routes, route) is >= 0 and var index)
        {
            routes[index] = routes[^1];
            routes.RemoveAt(routes.Count - 1);
        }
    }

    private static int IndexOf(List<RouteResource> routes, RouteResource route)
    {
        // From the end: a route that has just been added, and may name the same service again, is found there.
        for (var i = routes.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(routes[i], route))
            {
                return i;
            }
        }

        return -1;
    }
}
