namespace MeshSdk;

/// <summary>
/// Whether a route that leads into another namespace needs a ReferenceGrant there. The Gateway API asks for one; for the routes of a mesh its own
/// documents make an exception, and most meshes ask for none.
/// </summary>
public enum MeshReferenceGrants
{
    /// <summary>Any route may lead anywhere.</summary>
    Ignore,

    /// <summary>
    /// A reference into another namespace that no ReferenceGrant there permits is answered 500 for its share (condition reason
    /// <c>RefNotPermitted</c>); 503 where it cannot be told which grants there are.
    /// </summary>
    Enforce,
}
