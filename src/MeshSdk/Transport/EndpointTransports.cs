using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>
/// The pinned handlers of one endpoint: one for each protocol and profile, made at first use. Nearly all clients have the default profile, so
/// those two have fields of their own.
/// </summary>
internal sealed class EndpointTransports(ClusterId cluster, IPEndPoint address, TransportSettings settings) : IDisposable
{
    private readonly Lock _gate = new();
    private volatile HttpMessageInvoker? _http1;
    private volatile HttpMessageInvoker? _http2;
    private Dictionary<(HttpProtocol, TransportProfile), HttpMessageInvoker>? _others;
    private long _connectTimeout = ClusterModel.DefaultConnectTimeout.Ticks;
    private bool _disposed;

    public TimeSpan ConnectTimeout
    {
        get => new(Volatile.Read(ref _connectTimeout));
        set => Volatile.Write(ref _connectTimeout, value.Ticks);
    }

    public bool IsDisposed => Volatile.Read(ref _disposed);

    public HttpMessageInvoker Get(HttpProtocol protocol, TransportProfile profile)
    {
        if (profile.IsDefault && (protocol == HttpProtocol.Http1 ? _http1 : _http2) is { } existing)
        {
            return existing;
        }

        return GetOrCreate(protocol, profile);
    }

    private HttpMessageInvoker GetOrCreate(HttpProtocol protocol, TransportProfile profile)
    {
        lock (_gate)
        {
            // A lease holder may come here after the drain timeout has closed everything: it gets the exception that SocketsHttpHandler
            // itself would throw, and no connection that nobody would ever close.
            ObjectDisposedException.ThrowIf(_disposed, typeof(EndpointState));

            if (profile.IsDefault)
            {
                return protocol == HttpProtocol.Http1
                    ? _http1 ??= Create(protocol, profile)
                    : _http2 ??= Create(protocol, profile);
            }

            _others ??= [];
            if (!_others.TryGetValue((protocol, profile), out var invoker))
            {
                invoker = Create(protocol, profile);
                _others.Add((protocol, profile), invoker);
            }

            return invoker;
        }
    }

    private HttpMessageInvoker Create(HttpProtocol protocol, TransportProfile profile)
    {
        var handler = settings.Factory is { } factory
            ? factory.Create(new MeshTransportContext(cluster.ToString(), address, protocol == HttpProtocol.Http1 ? HttpVersion.Version11 : HttpVersion.Version20))
            : PinnedHandler.Create(address, protocol, profile, () => ConnectTimeout, settings);
        return new HttpMessageInvoker(handler);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _http1?.Dispose();
            _http2?.Dispose();
            foreach (var invoker in _others?.Values ?? Enumerable.Empty<HttpMessageInvoker>())
            {
                invoker.Dispose();
            }
        }
    }
}
