namespace MeshSdk.Transport;

/// <summary>
/// The connections to one endpoint for requests that name somebody else in Host. Over TLS the HTTP stack has a connection for each such name, and there is no end of names
/// that an application may take from elsewhere. So they have handlers of their own, and each of those takes a bounded number of names: the next one has a handler that is
/// new, and the one before closes what is idle when the last request is sent over it. Responses that are still being read go on.
/// </summary>
internal sealed class ForeignConnections(Func<HttpMessageInvoker> create) : HttpMessageInvoker(Nothing, disposeHandler: false)
{
    /// <summary>How many names have connections at once, those left out on which requests are under way.</summary>
    public const int MostNames = 64;

    /// <summary>After how long without a request such a connection closes.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    // The base class wants one. Never called.
    private static readonly HttpMessageHandler Nothing = new SocketsHttpHandler();

    private readonly Lock _gate = new();

    // The one in use, and those before it over which something is still to be sent.
    private readonly HashSet<Handler> _open = [];
    private Handler? _current;
    private bool _disposed;

    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var handler = Enter(request);
        try
        {
            return await handler.Connections(create).SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(handler);
        }
    }

    public override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var handler = Enter(request);
        try
        {
            return handler.Connections(create).Send(request, cancellationToken);
        }
        finally
        {
            Leave(handler);
        }
    }

    protected override void Dispose(bool disposing)
    {
        Handler[] open;
        lock (_gate)
        {
            _disposed = true;
            open = [.. _open];
            _open.Clear();
        }

        foreach (var handler in open)
        {
            handler.Dispose();
        }

        base.Dispose(disposing);
    }

    private Handler Enter(HttpRequestMessage request)
    {
        var name = request.Headers.Host ?? request.RequestUri!.IdnHost;
        Handler? before = null;
        Handler entered;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(EndpointState));
            if (_current is null || (_current.Names.Count >= MostNames && !_current.Names.Contains(name)))
            {
                if (_current is { Sending: 0 })
                {
                    before = _current;
                    _open.Remove(before);
                }

                _open.Add(_current = new Handler());
            }

            entered = _current;
            entered.Names.Add(name);
            entered.Sending++;
        }

        before?.Dispose();
        return entered;
    }

    private void Leave(Handler handler)
    {
        lock (_gate)
        {
            if (--handler.Sending > 0 || handler == _current || !_open.Remove(handler))
            {
                return;
            }
        }

        handler.Dispose();
    }

    /// <summary>For the names that came while it was the one in use. <see cref="Names"/> and <see cref="Sending"/> are guarded by the gate.</summary>
    private sealed class Handler : IDisposable
    {
        private readonly Lock _making = new();
        private HttpMessageInvoker? _made;
        private bool _disposed;

        public HashSet<string> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

        /// <summary>Requests whose response has not begun.</summary>
        public int Sending { get; set; }

        public HttpMessageInvoker Connections(Func<HttpMessageInvoker> create)
        {
            lock (_making)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(EndpointState));
                return _made ??= create();
            }
        }

        public void Dispose()
        {
            lock (_making)
            {
                _disposed = true;
            }

            _made?.Dispose();
        }
    }
}
