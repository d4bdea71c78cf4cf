using System.Collections.Immutable;

namespace MeshSdk.Testing.Storage;

/// <summary>The objects of one kind, their latest changes and their watchers. Only the store touches it, under the store's lock.</summary>
internal sealed class Collection(int retainedEvents, long compactedRevision)
{
    private readonly Queue<StoreEvent> _events = new();
    private readonly HashSet<WatchSubscription> _subscriptions = [];

    public ImmutableSortedDictionary<ObjectKey, StoredObject> Objects { get; private set; } = ImmutableSortedDictionary<ObjectKey, StoredObject>.Empty;

    /// <summary>Every change after this version is still known.</summary>
    public long CompactedRevision { get; private set; } = compactedRevision;

    public void Apply(StoreEvent change)
    {
        Objects = change.After is { } after ? Objects.SetItem(change.Key, after) : Objects.Remove(change.Key);
        _events.Enqueue(change);
        while (_events.Count > retainedEvents)
        {
            CompactedRevision = _events.Dequeue().Revision;
        }

        foreach (var subscription in _subscriptions)
        {
            subscription.Publish(change);
        }
    }

    public IEnumerable<StoreEvent> EventsAfter(long revision) => _events.Where(change => change.Revision > revision);

    /// <summary>
    /// The objects as they were at a version that is not compacted: the changes since are undone, which costs nothing where there are none.
    /// </summary>
    public ImmutableSortedDictionary<ObjectKey, StoredObject> ObjectsAt(long revision)
    {
        var objects = Objects;
        foreach (var change in EventsAfter(revision).Reverse())
        {
            objects = change.Before is { } before ? objects.SetItem(change.Key, before) : objects.Remove(change.Key);
        }

        return objects;
    }

    public void Compact(long revision)
    {
        _events.Clear();
        CompactedRevision = revision;
    }

    public void Replace(ImmutableSortedDictionary<ObjectKey, StoredObject> objects) => Objects = objects;

    public void Add(WatchSubscription subscription) => _subscriptions.Add(subscription);

    public void Remove(WatchSubscription subscription) => _subscriptions.Remove(subscription);

    public void EndWatches()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Complete();
        }
    }
}
