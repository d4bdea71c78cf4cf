using System.Diagnostics.CodeAnalysis;

namespace MeshSdk.Transport.Lanes;

/// <summary>
/// One connection to an endpoint, as a handler that never has more than one at a time; it may have none yet, or dial another one after the first has
/// closed. All but <see cref="Connections"/> is guarded by the gate of the <see cref="ClusterLanes"/>.
/// </summary>
internal sealed class Lane : IConnectionWatch
{
    // What HTTP says a server should allow at least, and what the HTTP stack goes by until it is told.
    private const int StreamsUntilTold = 100;

    private readonly EndpointLanes _lanes;
    private readonly LaneKey _key;
    private readonly Lock _making = new();

    // Weak, as endpoints without lanes hold it: profiles of clients that are gone must not keep their connections.
    private readonly WeakReference<TransportProfile> _profile;
    private HttpMessageInvoker? _connections;
    private TimeSpan _lifetime = Timeout.InfiniteTimeSpan;
    private long _dialledAt;

    public Lane(EndpointLanes lanes, in LaneKey key)
    {
        _lanes = lanes;
        _profile = new WeakReference<TransportProfile>(key.Profile);
        _key = key with { Profile = null! };
        PeerStreams = lanes.Dials ? StreamsUntilTold : int.MaxValue;
    }

    /// <summary>Requests that have it.</summary>
    public int Active { get; set; }

    /// <summary>Requests that its connection was given.</summary>
    public int Served { get; set; }

    /// <summary>There is a connection, or one is being made.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>It gets no more requests, and closes when those that it has are over.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Its handler is disposed of, or will never be made. The connection may be open for a while yet.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether it counts among the connections of the cluster. One that is too old does not, while the last streams on it end.</summary>
    public bool HasSlot { get; set; } = true;

    /// <summary>Whether it is for requests that name somebody else: see <see cref="ForeignConnections"/>.</summary>
    public bool IsForeign => _key.IsForeign;

    /// <summary>Whether it stands among those that have room.</summary>
    public bool IsListed { get; set; }

    /// <summary>How many requests the other side takes at once.</summary>
    public int PeerStreams { get; private set; }

    /// <summary>How many connections of its kind the application and the client want at most.</summary>
    public int MostOfItsKind { get; private set; } = int.MaxValue;

    public HttpProtocol Protocol => _key.Protocol;

    /// <summary>Whether the client that it was made for is gone.</summary>
    public bool IsForgotten => !_profile.TryGetTarget(out _);

    public bool Takes(in LaneKey key) =>
        _profile.TryGetTarget(out var profile) && ReferenceEquals(profile, key.Profile) && _key == key with { Profile = null! };

    /// <summary>The handler; call while holding the lane. Made by the first who does, for code of the application may run then.</summary>
    /// <param name="profile">That of the request.</param>
    /// <exception cref="ObjectDisposedException">The endpoint has been closed.</exception>
    public HttpMessageInvoker Connections(TransportProfile profile)
    {
        if (Volatile.Read(ref _connections) is { } made)
        {
            return made;
        }

        lock (_making)
        {
            return _connections ?? Publish(_lanes.Create(_key.Protocol, profile, this));
        }
    }

    /// <summary>Closes it, if it is not; to be called under the gate.</summary>
    /// <param name="connections">What is to be disposed of when the gate is left, if anything.</param>
    public void Close([NotNullWhen(true)] out HttpMessageInvoker? connections)
    {
        (IsClosed, IsLeaving) = (true, true);
        connections = Interlocked.Exchange(ref _connections, null);
    }

    public void Configured(int maxConnections, TimeSpan lifetime)
    {
        lock (_lanes.Gate)
        {
            (MostOfItsKind, _lifetime) = (maxConnections, lifetime);
        }
    }

    /// <exception cref="LaneTakenException">The connection that there is is not used any more, and not closed yet.</exception>
    public void Dialling()
    {
        lock (_lanes.Gate)
        {
            if (!IsConnected && !IsClosed && HasSlot)
            {
                // Whoever has the lane now is on the new connection.
                (IsConnected, Served, _dialledAt) = (true, Active, Environment.TickCount64);
                return;
            }

            IsLeaving = true;
            _lanes.List(this);
            if (IsTooOld)
            {
                _lanes.GiveSlotBack(this);
            }
        }

        _lanes.SlotFreed();
        throw new LaneTakenException();
    }

    // By the clock of the HTTP stack, which is what the connection grows old by. Over HTTP/1.1 one that is too old has been closed before another one is dialled.
    private bool IsTooOld =>
        HasSlot && IsConnected && Protocol == HttpProtocol.Http2 && _lifetime >= TimeSpan.Zero
        && Environment.TickCount64 - _dialledAt >= _lifetime.TotalMilliseconds;

    public void Allowed(int streams)
    {
        lock (_lanes.Gate)
        {
            PeerStreams = streams;
        }

        _lanes.RoomChanged(this);
    }

    public void Closed()
    {
        lock (_lanes.Gate)
        {
            IsConnected = false;
            PeerStreams = _lanes.Dials ? StreamsUntilTold : int.MaxValue;
        }

        _lanes.ConnectionClosed(this);
    }

    private HttpMessageInvoker Publish(HttpMessageInvoker made)
    {
        lock (_lanes.Gate)
        {
            if (!IsClosed)
            {
                Volatile.Write(ref _connections, made);
                return made;
            }
        }

        made.Dispose();
        throw new ObjectDisposedException(nameof(EndpointState));
    }
}
