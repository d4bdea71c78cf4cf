using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>Makes the handlers that talk to one endpoint.</summary>
internal sealed class EndpointConnector(ClusterId cluster, IPEndPoint address, TransportSettings settings, ConnectionPlan plan)
{
    private readonly SecureDial? _security = plan.Tls is { } tls ? new SecureDial(tls, plan.TlsLifetime, settings.Security) : null;
    private long _connectTimeout = ClusterModel.DefaultConnectTimeout.Ticks;

    /// <summary>How long a dial may take; holds for the next one.</summary>
    public TimeSpan ConnectTimeout
    {
        get => new(Volatile.Read(ref _connectTimeout));
        set => Volatile.Write(ref _connectTimeout, value.Ticks);
    }

    /// <summary>Whether connections are real: the application may have put something else in the place of sockets, which nobody can watch.</summary>
    public bool Dials => settings.Factory is null;

    /// <inheritdoc cref="SecureDial.Peer"/>
    public string? Peer => _security?.Peer;

    /// <param name="protocol">What is spoken.</param>
    /// <param name="profile">What a client asks for.</param>
    /// <param name="watch">See <see cref="PinnedHandler.Create"/>.</param>
    /// <param name="isForeign">See <see cref="ForeignConnections"/>.</param>
    /// <exception cref="InvalidOperationException">There must be no connection.</exception>
    public HttpMessageInvoker Create(HttpProtocol protocol, TransportProfile profile, IConnectionWatch? watch = null, bool isForeign = false)
    {
        if (plan.Refusal is { } refusal)
        {
            // Whoever sends looks before. This is for the day when somebody forgets.
            throw new InvalidOperationException(refusal);
        }

        return new HttpMessageInvoker(settings.Factory is { } factory
            ? Substitute(factory, protocol)
            : PinnedHandler.Create(address, protocol, profile, () => ConnectTimeout, settings, plan.Settings, watch, _security, isForeign));
    }

    private HttpMessageHandler Substitute(IMeshTransportFactory factory, HttpProtocol protocol)
    {
        var handler = factory.Create(new MeshTransportContext
        {
            Backend = cluster.ToString(),
            EndPoint = address,
            HttpVersion = protocol == HttpProtocol.Http1 ? HttpVersion.Version11 : HttpVersion.Version20,
        });
        return plan.Tls is { NeedsIdentity: true } ? new IdentityGate(handler, settings.Security.Identities) : handler;
    }
}
