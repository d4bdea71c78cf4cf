using System.Threading.Channels;

namespace MeshSdk.Testing.Storage;

/// <summary>
/// One watcher's queue. What does not concern the watcher is never queued, so a change wakes only those whom it concerns. A watcher that falls
/// behind by more than the queue holds is cut off, as by a real API server: it has to come back and may find its version compacted.
/// </summary>
internal sealed class WatchSubscription(ObjectFilter filter, int capacity) : IDisposable
{
    private readonly Channel<WatchItem> _queue = Channel.CreateBounded<WatchItem>(new BoundedChannelOptions(capacity) { SingleReader = true });
    private Action<WatchSubscription>? _onDispose;

    public ChannelReader<WatchItem> Items => _queue.Reader;

    /// <summary>Called under the store's lock, so that the queue has the order of the changes.</summary>
    public void Publish(StoreEvent change)
    {
        if (change.SeenThrough(filter) is { } item)
        {
            Post(item);
        }
    }

    public void Post(in WatchItem item)
    {
        if (!_queue.Writer.TryWrite(item))
        {
            Complete();
        }
    }

    /// <summary>Ends the watch behind what is queued.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    public void OnDispose(Action<WatchSubscription> action) => _onDispose = action;

    public void Dispose()
    {
        Complete();
        _onDispose?.Invoke(this);
    }
}
