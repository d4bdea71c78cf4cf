namespace MeshSdk.Transport.Lanes;

// How connections end: spent, worn out, in the way of others, or with the endpoint.
internal sealed partial class EndpointLanes
{
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

    /// <summary>
    /// A connection has grown too old for requests, and streams on it go on, perhaps for hours. Those that wait need not wait for that: another connection may take its place
    /// at once. Under the gate.
    /// </summary>
    public void GiveSlotBack(Lane lane)
    {
        lane.HasSlot = false;
        cluster.FreeSlot();
    }

    /// <summary>There may be a slot for somebody who waits.</summary>
    public void SlotFreed() => cluster.ServeAll();

    /// <summary>Marks an idle lane closed that is in the way of what is needed: it is of another kind, or of a client that is gone.</summary>
    /// <returns>Nothing where there is none, or where it would not help: a slot is about to be free, or it is not slots that there are too few of.</returns>
    private (Lane?, HttpMessageInvoker?) CloseUnfit(in LaneKey key) =>
        !_lanes.Exists(static lane => lane is { IsClosed: true, HasSlot: true }) && !IsEnoughFor(key) && _free.Find(static lane => lane.Active == 0) is { } idle
            ? (idle, Close(idle))
            : default;

    // After a change of what is on it: among those with room, or not, or closed.
    private HttpMessageInvoker? Settle(Lane lane)
    {
        if (lane.Active == 0 && !lane.IsClosed
            && (IsSpent(lane) || _isRetired || lane.IsForgotten || IsOneNameTooMany(lane) || (cluster.IsOver && !IsOnlyOne(lane))))
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

    private bool IsOneNameTooMany(Lane lane) =>
        lane.IsForeign && _lanes.Count(static other => other is { IsForeign: true, IsClosed: false }) > ForeignConnections.MostNames;

    private bool IsWornOut(Lane lane) => lane.Served >= cluster.Limits.MaxRequestsPerConnection;

    private HttpMessageInvoker? Close(Lane lane)
    {
        lane.Close(out var closing);
        List(lane);
        return closing;
    }

    private void Forget(Lane lane)
    {
        if (lane.IsClosed && !lane.IsConnected && _lanes.Remove(lane) && lane.HasSlot)
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
