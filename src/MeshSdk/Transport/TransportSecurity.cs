using MeshSdk.Security;
using MeshSdk.Security.Handshakes;

namespace MeshSdk.Transport;

/// <summary>What all connections of one mesh that are made over TLS have in common.</summary>
internal sealed class TransportSecurity(IdentityStore identities, TlsConnector connector)
{
    /// <summary>Who this process is to its peers.</summary>
    public IdentityStore Identities { get; } = identities;

    public TlsConnector Connector { get; } = connector;

    public TlsLifetimes Lifetimes { get; } = new();

    /// <summary>For a process without an identity, and without one to wait for.</summary>
    public static TransportSecurity WithoutIdentity(TimeProvider time)
    {
        var identities = new IdentityStore(hasSource: false);
        return new TransportSecurity(identities, new TlsConnector(identities, time));
    }
}
