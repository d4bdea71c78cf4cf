namespace MeshSdk.Transport;

/// <summary>The request was not sent: while it waited for a connection, the endpoint has left the mesh. Choose another one.</summary>
internal sealed class EndpointLeftException() : Exception("The endpoint has left the mesh while the request waited for a connection.");
