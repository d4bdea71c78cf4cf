namespace MeshSdk.Grpc.Channels;

/// <summary>A channel of a client that the mesh is to route would pass the mesh by. Public code sees an <see cref="InvalidOperationException"/>.</summary>
internal sealed class ChannelBypassException(string message) : InvalidOperationException(message);
