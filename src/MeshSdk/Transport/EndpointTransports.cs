using System.Net;
using System.Runtime.CompilerServices;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>
/// The pinned handlers of one endpoint: one for each protocol and profile, made at first use. Nearly all clients have the default profile, so
/// that one has a field of its own.
/// </summary>
internal sealed class EndpointTransports(ClusterId cluster, IPEndPoint address, TransportSettings settings) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Pair _default = new();

    // Weak: a client factory makes its handlers anew every few minutes, and with them profiles that equal no earlier one. The connections of
    // those that nobody holds any more go with them.
    private ConditionalWeakTable<TransportProfile, Pair>? _others;
    private long _connectTimeout = ClusterModel.DefaultConnectTimeout.Ticks;
    private bool _disposed;

    public TimeSpan ConnectTimeout
    {
        get => new(Volatile.Read(ref _connectTimeout));
        set => Volatile.Write(ref _connectTimeout, value.Ticks);
    }

    public bool IsDisposed => Volatile.Read(ref _disposed);

    public HttpMessageInvoker Get(HttpProtocol protocol, TransportProfile profile) =>
        profile.IsDefault && _default[protocol] is { } existing ? existing : GetOrCreate(protocol, profile);

    private HttpMessageInvoker GetOrCreate(HttpProtocol protocol, TransportProfile profile)
    {
        lock (_gate)
        {
            // A lease holder may come here after the drain timeout has closed everything: it gets the exception that SocketsHttpHandler
            // itself would throw, and no connection that nobody would ever close.
            ObjectDisposedException.ThrowIf(_disposed, typeof(EndpointState));

            var pair = profile.IsDefault ? _default : (_others ??= []).GetOrAdd(profile, static _ => new Pair());
            return pair[protocol] ??= Create(protocol, profile);
        }
    }

    private HttpMessageInvoker Create(HttpProtocol protocol, TransportProfile profile)
    {
        var handler = settings.Factory is { } factory
            ? factory.Create(new MeshTransportContext
            {
                Backend = cluster.ToString(),
                EndPoint = address,
                HttpVersion = protocol == HttpProtocol.Http1 ? HttpVersion.Version11 : HttpVersion.Version20,
            })
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
            _default.Dispose();
            foreach (var (_, pair) in _others ?? [])
            {
                pair.Dispose();
            }
        }
    }

    private sealed class Pair : IDisposable
    {
        private volatile HttpMessageInvoker? _http1;
        private volatile HttpMessageInvoker? _http2;

        public HttpMessageInvoker? this[HttpProtocol protocol]
        {
            get => protocol == HttpProtocol.Http1 ? _http1 : _http2;
            set
            {
                if (protocol == HttpProtocol.Http1)
                {
                    _http1 = value;
                }
                else
                {
                    _http2 = value;
                }
            }
        }

        public void Dispose()
        {
            _http1?.Dispose();
            _http2?.Dispose();
        }
    }
}
