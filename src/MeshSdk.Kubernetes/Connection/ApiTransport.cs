using System.Net;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>
/// The connections that were made with one state of the configuration. When that changes the next requests go over a new one; responses that are under
/// way, watches above all, end here in their own time, since disposing a handler leaves them alone and fails only requests that have no answer yet.
/// </summary>
internal sealed class ApiTransport : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // The server is asked whether it is still there after this long without a word, and has this long to say so.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    // API servers behind a load balancer come and go: new requests find their way to new ones within this time.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    private readonly HttpMessageInvoker _invoker;
    private readonly Lock _lock = new();
    private int _waiting;
    private bool _retired;

    private ApiTransport(TransportKey key, HttpMessageHandler handler)
    {
        Key = key;
        _invoker = new(handler);
    }

    public TransportKey Key { get; }

    /// <exception cref="ConnectionException">Certificates or keys cannot be used.</exception>
    public static ApiTransport Create(ConnectionSettings settings, TlsMaterial material) => new(TransportKey.Of(settings, material), Handler(settings, material));

    /// <summary>Keeps the transport from being disposed while an answer is waited for.</summary>
    /// <returns>False: it has been retired, and another one has taken its place.</returns>
    public bool TryEnter()
    {
        lock (_lock)
        {
            _waiting += _retired ? 0 : 1;
            return !_retired;
        }
    }

    public void Leave()
    {
        bool isLast;
        lock (_lock)
        {
            _waiting--;
            isLast = _retired && _waiting == 0;
        }

        if (isLast)
        {
            _invoker.Dispose();
        }
    }

    /// <summary>Takes no further requests; those that wait for an answer still get it.</summary>
    public void Dispose()
    {
        bool isUnused;
        lock (_lock)
        {
            isUnused = !_retired && _waiting == 0;
            _retired = true;
        }

        if (isUnused)
        {
            _invoker.Dispose();
        }
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // One handler negotiates both protocols over TLS; without it there is nothing to negotiate by.
        request.Version = Key.Server.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        if (Key is { TlsServerName: { } name, Proxy: not null })
        {
            // Through a proxy's tunnel the handler dials by itself, and takes the name from here.
            request.Headers.Host = name;
        }

        return _invoker.SendAsync(request, cancellationToken);
    }

    private static SocketsHttpHandler Handler(ConnectionSettings settings, TlsMaterial material)
    {
        var tls = ServerTls.Options(settings, material);
        var handler = new SocketsHttpHandler
        {
            SslOptions = tls,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,

            // A watch that is given up has no end worth reading on for.
            ResponseDrainTimeout = TimeSpan.Zero,
        };
        if (settings.Proxy is not null)
        {
            handler.Proxy = new WebProxy(settings.Proxy);
        }
        else if (settings is { TlsServerName: { } name, SkipsVerification: false } && settings.Server.Scheme == Uri.UriSchemeHttps)
        {
            handler.ConnectCallback = new NamedDialer(name, tls).ConnectAsync;
        }

        return handler;
    }
}
