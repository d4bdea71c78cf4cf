using System.Runtime.CompilerServices;

namespace MeshSdk.Transport;

/// <summary>
/// The pinned handlers of one endpoint: one for each protocol and profile, made at first use. Nearly all clients have the default profile, so
/// that one has a field of its own. Finding one that exists takes no lock.
/// </summary>
internal sealed class EndpointTransports(EndpointConnector connector) : IDisposable
{
    // Guards the table and the disposal. Never held while code of the application runs.
    private readonly Lock _gate = new();
    private readonly ProtocolPair _default = new();

    // Weak: a client factory makes its handlers anew every few minutes, and with them profiles that equal no earlier one. The connections of
    // those that nobody holds any more go with them.
    private volatile ConditionalWeakTable<TransportProfile, ForgottenPair>? _others;
    private bool _disposed;

    public bool IsDisposed => Volatile.Read(ref _disposed);

    public HttpMessageInvoker Get(HttpProtocol protocol, TransportProfile profile, bool isForeign = false) =>
        isForeign && connector.Dials ? GetForeign(protocol, profile) : Find(profile)?[protocol] ?? GetOrCreate(protocol, profile);

    // Rare. The profile stays as weakly held as it was: what is found by it may hold it.
    private ForeignConnections GetForeign(HttpProtocol protocol, TransportProfile profile)
    {
        var pair = Find(profile) ?? FindOrAdd(profile);
        lock (_gate)
        {
            ThrowIfDisposed();
            return pair.Foreign[(int)protocol] ??= new ForeignConnections(() => connector.Create(protocol, profile, isForeign: true));
        }
    }

    private ProtocolPair? Find(TransportProfile profile) =>
        profile.IsDefault ? _default
        : _others is { } others && others.TryGetValue(profile, out var pair) ? pair
        : null;

    private HttpMessageInvoker GetOrCreate(HttpProtocol protocol, TransportProfile profile)
    {
        var pair = FindOrAdd(profile);
        lock (pair.Gate)
        {
            return pair[protocol] ?? Publish(pair, protocol, connector.Create(protocol, profile));
        }
    }

    private ProtocolPair FindOrAdd(TransportProfile profile)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            return profile.IsDefault ? _default : (_others ??= []).GetOrAdd(profile, static _ => new ForgottenPair());
        }
    }

    private HttpMessageInvoker Publish(ProtocolPair pair, HttpProtocol protocol, HttpMessageInvoker made)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                return pair[protocol] = made;
            }
        }

        made.Dispose();
        ThrowIfDisposed();
        return made;
    }

    // A lease holder may come here after the drain timeout has closed everything: it gets the exception that SocketsHttpHandler itself would
    // throw, and no connection that nobody would ever close.
    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, typeof(EndpointState));

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            Volatile.Write(ref _disposed, true);
        }

        // Nothing is added any more.
        _default.Dispose();
        foreach (var (_, pair) in _others ?? [])
        {
            pair.Dispose();
        }
    }
}
