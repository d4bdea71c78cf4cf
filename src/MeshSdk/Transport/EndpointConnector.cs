using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>Makes the handlers that talk to one endpoint.</summary>
internal sealed class EndpointConnector(ClusterId cluster, IPEndPoint address, TransportSettings settings, ConnectionSettings connections)
{
    private long _connectTimeout = ClusterModel.DefaultConnectTimeout.Ticks;

    /// <summary>How long a dial may take; holds for the next one.</summary>
    public TimeSpan ConnectTimeout
    {
        get => new(Volatile.Read(ref _connectTimeout));
        set => Volatile.Write(ref _connectTimeout, value.Ticks);
    }

    /// <summary>Whether connections are real: the application may have put something else in the place of sockets, which nobody can watch.</summary>
    public bool Dials => settings.Factory is null;

    /// <param name="protocol">What is spoken.</param>
    /// <param name="profile">What a client asks for.</param>
    /// <param name="watch">See <see cref="PinnedHandler.Create"/>.</param>
    public HttpMessageInvoker Create(HttpProtocol protocol, TransportProfile profile, IConnectionWatch? watch = null)
    {
        var handler = settings.Factory is { } factory
            ? factory.Create(new MeshTransportContext
            {
                Backend = cluster.ToString(),
                EndPoint = address,
                HttpVersion = protocol == HttpProtocol.Http1 ? HttpVersion.Version11 : HttpVersion.Version20,
            })
            : PinnedHandler.Create(address, protocol, profile, () => ConnectTimeout, settings, connections, watch);
        return new HttpMessageInvoker(handler);
    }
}
