using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Storage;

/// <summary>
/// All objects under one resourceVersion that only grows. Thread-safe. One lock orders the changes and their delivery; what is read is immutable and
/// is used outside of it.
/// </summary>
/// <param name="retainedEvents">Changes kept for each kind, for watches that come back and for lists of an earlier version.</param>
internal sealed class ResourceStore(int retainedEvents)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<CollectionId, Collection> _collections = [];
    private long _revision = 1;
    private long _compactedRevision;

    /// <summary>The latest resourceVersion.</summary>
    public long Revision
    {
        get
        {
            lock (_gate)
            {
                return _revision;
            }
        }
    }

    public StoredObject? Find(CollectionId id, ObjectKey key)
    {
        lock (_gate)
        {
            return _collections.GetValueOrDefault(id)?.Objects.GetValueOrDefault(key);
        }
    }

    /// <summary>All objects of a kind at one version; the latest where none is named.</summary>
    /// <exception cref="ApiException">410 where the version has been compacted, 504 where it has not come yet.</exception>
    public StoreSnapshot Read(CollectionId id, long? revision = null)
    {
        lock (_gate)
        {
            var collection = CollectionOf(id);
            if (revision is not { } wanted)
            {
                return new(_revision, collection.Objects);
            }

            CheckKnown(collection, wanted);
            return new(wanted, collection.ObjectsAt(wanted));
        }
    }

    /// <exception cref="ApiException">504.</exception>
    public void CheckReached(long revision)
    {
        lock (_gate)
        {
            if (revision > _revision)
            {
                throw StoreErrors.TooLarge(revision, _revision);
            }
        }
    }

    /// <summary>Stores an object in place of the one of its name, under the next version.</summary>
    public StoredObject Put(ResourceType type, JsonObject content)
    {
        lock (_gate)
        {
            var collection = CollectionOf(CollectionId.Of(type));
            var stored = StoredObject.Encode(type, content, ++_revision);
            collection.Apply(new(_revision, stored.Key, collection.Objects.GetValueOrDefault(stored.Key), stored));
            return stored;
        }
    }

    /// <summary>Removes an object, whose removal has a version of its own. False where there is none.</summary>
    public bool Remove(CollectionId id, ObjectKey key)
    {
        lock (_gate)
        {
            if (!_collections.TryGetValue(id, out var collection) || !collection.Objects.TryGetValue(key, out var stored))
            {
                return false;
            }

            collection.Apply(new(++_revision, key, stored, null));
            return true;
        }
    }

    /// <summary>Removes every object of a kind and ends its watches: the kind is no longer served.</summary>
    public void RemoveAll(CollectionId id)
    {
        lock (_gate)
        {
            if (!_collections.TryGetValue(id, out var collection))
            {
                return;
            }

            foreach (var (key, stored) in collection.Objects)
            {
                collection.Apply(new(++_revision, key, stored, null));
            }

            collection.EndWatches();
        }
    }

    /// <summary>The kinds that have objects in a namespace, with those objects.</summary>
    public IReadOnlyList<(CollectionId Id, ObjectKey Key)> InNamespace(string ns)
    {
        lock (_gate)
        {
            return [.. _collections.SelectMany(pair => pair.Value.Objects.Keys.Where(key => key.Namespace == ns).Select(key => (pair.Key, key)))];
        }
    }

    /// <summary>Begins a watch: what it starts with, and a subscription to every change after that, with none between them lost.</summary>
    /// <param name="revision">The version after which changes are wanted; null: the objects that there are, then every change.</param>
    /// <param name="withObjects">Whether the objects that there are come first where no version is named.</param>
    /// <exception cref="ApiException">410 where the version has been compacted, 504 where it has not come yet.</exception>
    public WatchStart Watch(CollectionId id, ObjectFilter filter, long? revision, bool withObjects = true)
    {
        lock (_gate)
        {
            var collection = CollectionOf(id);
            IReadOnlyList<WatchItem> items = [];
            if (revision is { } wanted)
            {
                CheckKnown(collection, wanted);
                items = [.. collection.EventsAfter(wanted).Select(change => change.SeenThrough(filter)).OfType<WatchItem>()];
            }
            else if (withObjects)
            {
                items = [.. collection.Objects.Values.Where(filter.Matches).Select(stored => new WatchItem(WatchItemKind.Added, stored, stored.Revision))];
            }

            var subscription = new WatchSubscription(filter, Math.Max(retainedEvents, 100));
            subscription.OnDispose(ended => Unsubscribe(collection, ended));
            collection.Add(subscription);
            return new(_revision, items, subscription);
        }
    }

    /// <summary>Queues a bookmark. It is made under the lock: whatever is older than its version is in the queue before it.</summary>
    public void Bookmark(WatchSubscription subscription)
    {
        lock (_gate)
        {
            subscription.Post(new(WatchItemKind.Bookmark, null, _revision));
        }
    }

    /// <summary>Forgets all changes, so that every watch and page of an earlier version is answered 410.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            CompactAll();
        }
    }

    /// <summary>
    /// Numbers all objects anew from 1, in their order, as after the restore of an older backup. Versions from before are either compacted or not
    /// reached yet. Watches go on; whoever watches by version has to be cut off by the caller.
    /// </summary>
    public void Renumber()
    {
        lock (_gate)
        {
            _revision = 0;
            var all = _collections.Values.SelectMany(collection => collection.Objects.Values.Select(stored => (collection, stored)));
            foreach (var group in all.OrderBy(entry => entry.stored.Revision).ToArray())
            {
                group.collection.Replace(group.collection.Objects.SetItem(group.stored.Key, group.stored.WithRevision(++_revision)));
            }

            CompactAll();
        }
    }

    private static void CheckKnown(Collection collection, long revision, long current)
    {
        if (revision > current)
        {
            throw StoreErrors.TooLarge(revision, current);
        }

        if (revision < collection.CompactedRevision)
        {
            throw StoreErrors.Expired(revision, collection.CompactedRevision);
        }
    }

    private void CheckKnown(Collection collection, long revision) => CheckKnown(collection, revision, _revision);

    private void CompactAll()
    {
        _compactedRevision = _revision;
        foreach (var collection in _collections.Values)
        {
            collection.Compact(_revision);
        }
    }

    private Collection CollectionOf(CollectionId id)
    {
        if (!_collections.TryGetValue(id, out var collection))
        {
            collection = new(retainedEvents, _compactedRevision);
            _collections.Add(id, collection);
        }

        return collection;
    }

    private void Unsubscribe(Collection collection, WatchSubscription subscription)
    {
        lock (_gate)
        {
            collection.Remove(subscription);
        }
    }
}

/// <summary>The objects of a kind at one version.</summary>
internal sealed record StoreSnapshot(long Revision, ImmutableSortedDictionary<ObjectKey, StoredObject> Objects);

/// <param name="Revision">The latest version when the watch began.</param>
/// <param name="Items">What comes before the subscription's items.</param>
internal sealed record WatchStart(long Revision, IReadOnlyList<WatchItem> Items, WatchSubscription Subscription);
