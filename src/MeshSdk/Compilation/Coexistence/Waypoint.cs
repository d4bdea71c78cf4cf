using MeshSdk.Resources;

namespace MeshSdk.Compilation.Coexistence;

/// <summary>The proxy in which the routes and authorization policies of a service are kept to, in ambient mode.</summary>
/// <param name="Namespace">Where it is.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Label">The label that gives it to the service, with the object that it is on, for people.</param>
internal sealed record Waypoint(string Namespace, string Name, string Label)
{
    /// <summary>That of the service itself, else that of its namespace; null where it has none.</summary>
    /// <param name="service">Whose waypoint it is.</param>
    /// <param name="space">Its namespace; null where nothing is known of that.</param>
    public static Waypoint? Of(Service service, Namespace? space) =>
        service.Label(WaypointLabels.Use) is not null ? On(service, service.Metadata.Namespace)
        : space is not null ? On(space, service.Metadata.Namespace)
        : null;

    public override string ToString() => $"waypoint {Namespace}/{Name}";

    private static Waypoint? On(Resource resource, string ns) =>
        resource.Label(WaypointLabels.Use) is { } name and not WaypointLabels.None
            ? new Waypoint(resource.Label(WaypointLabels.UseNamespace) ?? ns, name, $"label {WaypointLabels.Use} of {resource}")
            : null;
}
