namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>
/// In which version the API server has the routes of each kind. Found by asking for them, the preferred version first: a server may have a group in a version
/// that has not all of its kinds.
/// </summary>
internal sealed class RouteVersions(ApiObjects objects)
{
    private readonly Dictionary<RouteKind, string> _found = [];

    /// <summary>Null where the server has the kind in none of the versions that the mesh reads.</summary>
    /// <inheritdoc cref="ApiObjects.FindAsync" path="/exception"/>
    public async Task<string?> OfAsync(RouteKind kind, CancellationToken cancellationToken)
    {
        if (_found.TryGetValue(kind, out var known))
        {
            return known;
        }

        foreach (var version in kind.Versions)
        {
            if (await objects.HasAsync(kind.All(version), cancellationToken).ConfigureAwait(false))
            {
                return _found[kind] = version;
            }
        }

        return null;
    }

    /// <summary>A cluster is upgraded while this runs.</summary>
    public void Forget(RouteKind kind) => _found.Remove(kind);
}
