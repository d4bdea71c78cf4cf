using System.Runtime.CompilerServices;

namespace MeshSdk.Transport.Lanes;

/// <summary>
/// The connections to one endpoint, each of which a request has to itself (HTTP/1.1) or shares with as many as may be (HTTP/2). A request that finds none
/// opens one; where that must not be, it waits its turn.
/// </summary>
/// <remarks>
/// Code of the application, which runs where handlers are made and disposed of, never runs under the gate. So what has to close is marked there and closed
/// after it, and what its slot is good for is seen when the connection tells of its end, which is in that moment as a rule.
/// </remarks>
internal sealed partial class EndpointLanes(ClusterLanes cluster, EndpointConnector connector)
{
    // All that have a slot, closing ones included.
    private readonly List<Lane> _lanes = [];

    // Those that have room; the one that was used last comes first, so that those that are not needed grow old and close.
    private readonly List<Lane> _free = [];

    // What tells that a client is gone which had lanes of its own.
    private ConditionalWeakTable<TransportProfile, ForgottenLanes>? _clients;
    private WeakReference<EndpointLanes>? _self;
    private bool _isRetired;
    private bool _isDisposed;

    public Lock Gate => cluster.Gate;

    /// <summary>Whether its connections can be watched.</summary>
    public bool Dials => connector.Dials;

    /// <summary>In order of arrival; under the gate, and only through <see cref="ClusterLanes"/>.</summary>
    public LinkedList<LaneWaiter> Waiters { get; } = [];

    public HttpMessageInvoker Create(HttpProtocol protocol, TransportProfile profile, Lane lane) =>
        connector.Create(protocol, profile, lane, lane.IsForeign);

    /// <inheritdoc cref="LaneLease.EnterAsync"/>
    /// <param name="key">What the request needs.</param>
    /// <param name="requests">Where it is counted; null: nowhere.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<Lane> EnterAsync(in LaneKey key, RequestBreaker? requests, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            LaneWaiter? waiter;
            HttpMessageInvoker? closing;
            Lane? unfit;
            lock (Gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(EndpointState));
                if (_isRetired)
                {
                    throw new EndpointLeftException();
                }

                var isNext = IsNext(key);
                if (isNext && TryTake(key, requests) is { } lane)
                {
                    return new(lane);
                }

                (unfit, closing) = isNext ? CloseUnfit(key) : default;
                waiter = unfit is null ? cluster.Queue(this, key, requests) : null;
            }

            if (waiter is not null)
            {
                return WaitAsync(waiter, cancellationToken);
            }

            Dispose(unfit!, closing);
        }
    }

    /// <summary>A request is done with its lane.</summary>
    public void Leave(Lane lane)
    {
        HttpMessageInvoker? closing;
        lock (Gate)
        {
            lane.Active--;
            closing = Settle(lane);
            if (!lane.IsClosed && Waiters.Count == 0)
            {
                return;
            }
        }

        Dispose(lane, closing);
        Serve();
    }

    /// <summary>Counts a request that was not let in.</summary>
    public void CountOverflow(OverflowKind kind) => cluster.CountOverflow(kind);

    /// <summary>Puts a lane among those that have room, or takes it out, whichever is due; under the gate.</summary>
    public void List(Lane lane)
    {
        var hasRoom = !lane.IsLeaving && lane.Active < Room(lane) && !IsWornOut(lane);
        if (hasRoom == lane.IsListed)
        {
            return;
        }

        lane.IsListed = hasRoom;
        if (hasRoom)
        {
            _free.Add(lane);
        }
        else
        {
            _free.RemoveAt(_free.LastIndexOf(lane));
        }
    }

    /// <summary>The other side of a connection takes more or fewer requests than was thought.</summary>
    public void RoomChanged(Lane lane)
    {
        lock (Gate)
        {
            List(lane);
        }

        Serve();
    }

    /// <summary>A connection is closed.</summary>
    public void ConnectionClosed(Lane lane)
    {
        HttpMessageInvoker? closing;
        lock (Gate)
        {
            closing = lane.Active == 0 ? Settle(lane) : null;
            Forget(lane);
        }

        Dispose(lane, closing);
        cluster.ServeAll();
    }

    /// <returns>Null where the request has to wait.</returns>
    /// <exception cref="ConnectionOverflowException">It has a connection, and as many requests are under way as may be.</exception>
    private Lane? TryTake(in LaneKey key, RequestBreaker? requests)
    {
        var free = FindFree(key);
        if (free is null && (!cluster.HasSlot(isFirst: !_lanes.Exists(static lane => lane.HasSlot)) || IsEnoughFor(key)))
        {
            return null;
        }

        if (requests is not null && !requests.TryEnter())
        {
            throw new ConnectionOverflowException(OverflowKind.Requests);
        }

        return Take(free ?? Open(key));
    }

    private Lane? FindFree(in LaneKey key)
    {
        for (var i = _free.Count - 1; i >= 0; i--)
        {
            if (_free[i].Takes(key))
            {
                return _free[i];
            }
        }

        return null;
    }

    private Lane Open(in LaneKey key)
    {
        cluster.TakeSlot();
        var lane = new Lane(this, key);
        _lanes.Add(lane);
        if (!key.Profile.IsDefault && !(_clients ??= []).TryGetValue(key.Profile, out _))
        {
            _clients.Add(key.Profile, new ForgottenLanes(_self ??= new(this)));
        }

        return lane;
    }

    private Lane Take(Lane lane)
    {
        lane.Active++;
        lane.Served++;
        List(lane);
        return lane;
    }

    // What the application or the client wants itself is asked for where connections of that kind are made already.
    private bool IsEnoughFor(in LaneKey key)
    {
        var (count, most) = (0, int.MaxValue);
        foreach (var lane in _lanes)
        {
            if (lane.Takes(key))
            {
                (count, most) = (count + 1, Math.Min(most, lane.MostOfItsKind));
            }
        }

        return key.Protocol == HttpProtocol.Http1 && count >= most;
    }

    private int Room(Lane lane) =>
        lane.Protocol == HttpProtocol.Http1 ? 1 : Math.Min(lane.PeerStreams, cluster.Limits.MaxConcurrentStreams ?? int.MaxValue);
}
