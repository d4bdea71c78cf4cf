namespace MeshSdk;

/// <summary>Who the other side of a connection is in the mesh. A feature of each connection and of each request on it.</summary>
public interface IMeshPeerFeature
{
    /// <summary>Null where the caller has not proved who it is, since it came in plaintext.</summary>
    MeshPeer? Peer { get; }
}
