namespace MeshSdk.Transport;

/// <summary>The right to use the connections of an endpoint for one request. Given back once, when the request is over.</summary>
internal abstract class EndpointLease
{
    public abstract EndpointState Endpoint { get; }

    /// <summary>Where the request is to be sent.</summary>
    /// <param name="protocol">What is spoken.</param>
    /// <param name="profile">What the client wants of connections.</param>
    /// <param name="isForeign">Whether the request names somebody else over TLS: see <see cref="ForeignConnections"/>.</param>
    public abstract HttpMessageInvoker Connections(HttpProtocol protocol, TransportProfile profile, bool isForeign = false);

    /// <summary>Whether the request waits for a connection, or has stopped to: nothing of it was sent, and the endpoint has nothing to do with its fate.</summary>
    public virtual bool IsWaiting => false;

    /// <summary>The request is over.</summary>
    public abstract void Release();
}
