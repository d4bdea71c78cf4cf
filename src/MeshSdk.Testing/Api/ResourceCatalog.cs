namespace MeshSdk.Testing.Api;

/// <summary>Finds kinds by what people and manifests call them.</summary>
internal sealed class ResourceCatalog(IObjectSemantics semantics)
{
    /// <summary>The kind in its preferred version.</summary>
    public ResourceType? Preferred(string group, string plural) =>
        semantics.Types.FirstOrDefault(type => type.Group == group && type.Plural == plural);

    /// <exception cref="ApiException">404: there is no such kind.</exception>
    public ResourceType Require(string group, string plural) =>
        Preferred(group, plural) ?? throw new ApiException(404, "NotFound", $"no kind has the plural \"{plural}\" in group \"{group}\"");

    /// <param name="apiVersion">As in <c>gateway.networking.k8s.io/v1</c>.</param>
    public ResourceType? ByKind(string apiVersion, string kind) =>
        semantics.Types.FirstOrDefault(type => type.ApiVersion == apiVersion && type.Kind == kind);

    /// <param name="name">A kind, a plural, a singular or a short name, in any case; with its group behind a dot where that is needed.</param>
    /// <exception cref="ApiException">404: there is no such kind.</exception>
    public ResourceType ByName(string name) =>
        semantics.Types.FirstOrDefault(type => Is(type, name))
        ?? throw new ApiException(404, "NotFound", $"the server doesn't have a resource type \"{name}\"");

    private static bool Is(ResourceType type, string name) =>
        Same(type.Kind, name) || Same(type.Plural, name) || Same(type.Singular, name) || type.ShortNames.Any(known => Same(known, name))
        || (type.Group.Length > 0 && (Same(type.QualifiedPlural, name) || Same($"{type.Kind}.{type.Group}", name)));

    private static bool Same(string known, string name) => known.Equals(name, StringComparison.OrdinalIgnoreCase);
}
