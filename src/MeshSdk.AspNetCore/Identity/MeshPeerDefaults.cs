namespace MeshSdk;

/// <summary>What <c>AddMeshPeer()</c> goes by where nothing else is said.</summary>
public static class MeshPeerDefaults
{
    /// <summary>The name of the authentication scheme, and the authentication type of a <see cref="MeshPeer.Principal"/>.</summary>
    public const string AuthenticationScheme = "Mesh";
}
