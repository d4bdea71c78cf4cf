using MeshSdk.Security;
using MeshSdk.Security.Handshakes;

namespace MeshSdk.Transport;

/// <summary>Lays TLS over the connections to one endpoint, and remembers who was found at the other end.</summary>
internal sealed class SecureDial(EndpointTls tls, TimeSpan lifetime, TransportSecurity security)
{
    private volatile string? _peer;

    /// <summary>How long a connection is used at most.</summary>
    public TimeSpan Lifetime => lifetime;

    /// <summary>The identity that the endpoint proved when it was last connected to; null where it has none, or was not connected to yet.</summary>
    public string? Peer => _peer;

    /// <summary>Completes when there is what a handshake needs.</summary>
    /// <exception cref="IdentityUnavailableException">It has not come in time, or there will be none, or a part of it cannot be used.</exception>
    public async ValueTask WaitAsync(string dialledName, CancellationToken cancellationToken)
    {
        if (tls.NeedsIdentity)
        {
            await security.Identities.GetAsync(cancellationToken).ConfigureAwait(false);
        }

        await security.Connector.PrepareAsync(tls, dialledName, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="TlsConnector.AuthenticateAsync"/>
    public async ValueTask<Stream> AuthenticateAsync(
        Stream connection, HttpProtocol protocol, string dialledName, TimeSpan patience, CancellationToken cancellationToken)
    {
        var secured = await security.Connector
            .AuthenticateAsync(connection, tls, protocol == HttpProtocol.Http2, dialledName, patience, cancellationToken).ConfigureAwait(false);
        _peer = (secured as PeerStream)?.Identity;
        return secured;
    }
}
