namespace MeshSdk.Transport;

/// <summary>A connection of HTTP/2 came to be, and the other side did not begin to speak on it. No request was sent.</summary>
internal sealed class ConnectionUnreadyException(string message, Exception? inner = null) : Exception(message, inner);
