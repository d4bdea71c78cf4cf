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
internal sealed class EndpointLanes(ClusterLanes cluster, EndpointConnector connector)
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

    public HttpMessageInvoker Create(HttpProtocol protocol, TransportProfile profile, Lane lane) => connector.Create(protocol, profile, lane);

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

    /// <summary>Gives lanes to those that wait, the first first.</summary>
    public void Serve()
    {
        while (true)
        {
            HttpMessageInvoker? closing;
            Lane? unfit;
            lock (Gate)
            {
                (unfit, closing) = ServeInOrder() is { } blocked ? CloseUnfit(blocked.Key) : default;
                if (unfit is null)
                {
                    return;
                }
            }

            Dispose(unfit, closing);
        }
    }

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

    /// <summary>Closes what is beyond the limit and in nobody's use.</summary>
    public void Trim()
    {
        while (true)
        {
            HttpMessageInvoker? closing;
            Lane? idle;
            lock (Gate)
            {
                idle = cluster.IsOver ? _free.Find(lane => lane.Active == 0 && !IsOnlyOne(lane)) : null;
                if (idle is null)
                {
                    return;
                }

                closing = Close(idle);
            }

            Dispose(idle, closing);
        }
    }

    /// <summary>Closes what was made for clients that are gone.</summary>
    public void CloseForgotten()
    {
        List<(Lane, HttpMessageInvoker?)> closing = [];
        lock (Gate)
        {
            foreach (var lane in _lanes.FindAll(static lane => lane is { Active: 0, IsClosed: false, IsForgotten: true }))
            {
                closing.Add((lane, Close(lane)));
            }
        }

        Dispose(closing);
    }

    /// <summary>The endpoint has left the mesh: who waits is sent elsewhere, and connections close as their requests end.</summary>
    public void Retire()
    {
        List<(Lane, HttpMessageInvoker?)> closing = [];
        lock (Gate)
        {
            _isRetired = true;
            Dismiss(static () => new EndpointLeftException());
            foreach (var lane in _lanes.FindAll(static lane => lane.Active == 0))
            {
                closing.Add((lane, Close(lane)));
            }
        }

        Dispose(closing);
    }

    /// <summary>Closes all connections at once, whoever is on them.</summary>
    public void Dispose()
    {
        List<(Lane, HttpMessageInvoker?)> closing = [];
        lock (Gate)
        {
            (_isRetired, _isDisposed) = (true, true);
            Dismiss(static () => new ObjectDisposedException(nameof(EndpointState)));
            foreach (var lane in _lanes.FindAll(static lane => !lane.IsClosed))
            {
                closing.Add((lane, Close(lane)));
            }
        }

        Dispose(closing);
    }

    private async ValueTask<Lane> WaitAsync(LaneWaiter waiter, CancellationToken cancellationToken)
    {
        // Not disposed of under the gate: it waits for a cancellation that is under way, which wants the gate.
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (lanes, waiter) = ((EndpointLanes, LaneWaiter))state!;
                lanes.Cancel(waiter, token);
            },
            (this, waiter));
        return await waiter.Task.ConfigureAwait(false);
    }

    private void Cancel(LaneWaiter waiter, CancellationToken token)
    {
        lock (Gate)
        {
            if (waiter.Place.List is null)
            {
                return; // It has been served, and its request will see the token itself.
            }

            cluster.Unqueue(this, waiter);
        }

        waiter.TrySetCanceled(token);

        // It may have been what the next one waited for.
        Serve();
    }

    private void Dismiss(Func<Exception> reason)
    {
        while (Waiters.First is { Value: var waiter })
        {
            cluster.Unqueue(this, waiter);
            waiter.SetException(reason());
        }
    }

    // Whoever waits for a connection of the cluster comes first. Who waits because its client wants no more connections is only in its own way.
    private bool IsNext(in LaneKey key)
    {
        if (Waiters.First is not { Value: var first })
        {
            return true;
        }

        if (first.Key == key)
        {
            return false;
        }

        foreach (var waiter in Waiters)
        {
            if (waiter.Key == key || !IsEnoughFor(waiter.Key))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>The first that waits for a connection of the cluster; null where nobody does.</returns>
    private LaneWaiter? ServeInOrder()
    {
        for (var place = Waiters.First; place is not null;)
        {
            var next = place.Next;
            if (!TryServe(place.Value) && !IsEnoughFor(place.Value.Key))
            {
                return place.Value;
            }

            place = next;
        }

        return null;
    }

    /// <returns>False where it has to wait on.</returns>
    private bool TryServe(LaneWaiter waiter)
    {
        try
        {
            if (TryTake(waiter.Key, waiter.Requests) is not { } lane)
            {
                return false;
            }

            waiter.SetResult(lane);
        }
        catch (ConnectionOverflowException e)
        {
            // As a sidecar does: to have waited is no right to be let in.
            waiter.SetException(e);
        }

        cluster.Unqueue(this, waiter);
        return true;
    }

    /// <returns>Null where the request has to wait.</returns>
    /// <exception cref="ConnectionOverflowException">It has a connection, and as many requests are under way as may be.</exception>
    private Lane? TryTake(in LaneKey key, RequestBreaker? requests)
    {
        var free = FindFree(key);
        if (free is null && (!cluster.HasSlot(isFirst: _lanes.Count == 0) || IsEnoughFor(key)))
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

    /// <summary>Marks an idle lane closed that is in the way of what is needed: it is of another kind, or of a client that is gone.</summary>
    /// <returns>Nothing where there is none, or where it would not help: a slot is about to be free, or it is not slots that there are too few of.</returns>
    private (Lane?, HttpMessageInvoker?) CloseUnfit(in LaneKey key) =>
        !_lanes.Exists(static lane => lane.IsClosed) && !IsEnoughFor(key) && _free.Find(static lane => lane.Active == 0) is { } idle
            ? (idle, Close(idle))
            : default;

    // After a change of what is on it: among those with room, or not, or closed.
    private HttpMessageInvoker? Settle(Lane lane)
    {
        if (lane.Active == 0 && !lane.IsClosed && (IsSpent(lane) || _isRetired || lane.IsForgotten || (cluster.IsOver && !IsOnlyOne(lane))))
        {
            return Close(lane);
        }

        List(lane);
        return null;
    }

    // Those that are about to close serve nobody any more.
    private bool IsOnlyOne(Lane lane)
    {
        foreach (var other in _lanes)
        {
            if (other != lane && !other.IsLeaving)
            {
                return false;
            }
        }

        return true;
    }

    private bool IsSpent(Lane lane) =>
        lane.IsLeaving || IsWornOut(lane) || (Dials && !lane.IsConnected);

    private bool IsWornOut(Lane lane) => lane.Served >= cluster.Limits.MaxRequestsPerConnection;

    private int Room(Lane lane) =>
        lane.Protocol == HttpProtocol.Http1 ? 1 : Math.Min(lane.PeerStreams, cluster.Limits.MaxConcurrentStreams ?? int.MaxValue);

    private HttpMessageInvoker? Close(Lane lane)
    {
        lane.Close(out var closing);
        List(lane);
        return closing;
    }

    private void Forget(Lane lane)
    {
        if (lane.IsClosed && !lane.IsConnected && _lanes.Remove(lane))
        {
            cluster.FreeSlot();
        }
    }

    private void Dispose(Lane lane, HttpMessageInvoker? closing)
    {
        if (!lane.IsClosed)
        {
            return;
        }

        closing?.Dispose();
        bool isFree;
        lock (Gate)
        {
            var before = cluster.Connections;
            Forget(lane);
            isFree = cluster.Connections < before;
        }

        if (isFree)
        {
            cluster.ServeAll();
        }
    }

    private void Dispose(List<(Lane, HttpMessageInvoker?)> closing)
    {
        foreach (var (lane, connections) in closing)
        {
            Dispose(lane, connections);
        }
    }
}
