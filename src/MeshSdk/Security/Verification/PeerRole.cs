namespace MeshSdk.Security.Verification;

/// <summary>What the other side of a connection is in it, which its certificate has to be made for.</summary>
internal enum PeerRole
{
    Server,
    Client,
}
