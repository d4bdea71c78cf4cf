namespace MeshSdk.Transport;

/// <summary>The peer closed the connection after the request was sent and before a byte of the response came. Deliberately no <see cref="IOException"/>.</summary>
internal sealed class ConnectionClosedException(Exception? inner)
    : Exception("The endpoint closed the connection before it answered.", inner);
