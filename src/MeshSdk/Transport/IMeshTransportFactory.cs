namespace MeshSdk;

/// <summary>Makes the handlers that talk to single endpoints. Implement it to test an application's routing without sockets.</summary>
public interface IMeshTransportFactory
{
    /// <summary>
    /// Makes the handler for one endpoint; it is kept until the endpoint leaves the mesh, and then disposed.
    /// Called at the first request that needs it, once for each endpoint and protocol; again for clients whose own handlers ask for other
    /// connections (credentials, TLS settings, limits), and those are disposed after the client is gone; and, where a policy limits connections, for every
    /// connection that may be open, and those are disposed when its place is needed. May be called for several endpoints at
    /// once. Other requests that need the same handler wait meanwhile, so that it must not call through the mesh itself.
    /// </summary>
    HttpMessageHandler Create(MeshTransportContext context);
}

/// <summary>What a handler is made for.</summary>
public sealed record MeshTransportContext
{
    /// <summary>The service whose endpoint it is, as <c>namespace/name:port</c>.</summary>
    public required string Backend { get; init; }

    /// <summary>The address to talk to.</summary>
    public required System.Net.IPEndPoint EndPoint { get; init; }

    /// <summary>1.1 or 2.0: what requests are sent as.</summary>
    public required Version HttpVersion { get; init; }
}
