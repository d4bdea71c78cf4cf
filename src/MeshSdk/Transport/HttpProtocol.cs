namespace MeshSdk.Transport;

/// <summary>The version that a pinned handler speaks. One handler speaks one: what TLS offers and how connections are shared depends on it.</summary>
internal enum HttpProtocol
{
    Http1,
    Http2,
}
