namespace MeshSdk.Security;

/// <summary>An identity made ready for handshakes: what is dear to make is made once for each rotation, and not for each connection.</summary>
internal sealed class IdentityContext
{
    private IdentityContext(MeshIdentity identity) => Identity = identity;

    public MeshIdentity Identity { get; }

    /// <param name="identity">The one that comes into force.</param>
    /// <param name="previous">That which it takes the place of; null: there was none.</param>
    /// <exception cref="ArgumentException">It cannot be used.</exception>
    public static IdentityContext Create(MeshIdentity identity, IdentityContext? previous) => new(identity);
}
