namespace MeshSdk.Transport.Lanes;

// Requests that wait for a connection, the first first.
internal sealed partial class EndpointLanes
{
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
}
