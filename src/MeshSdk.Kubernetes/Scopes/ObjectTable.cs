using System.Runtime.InteropServices;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// All objects of all sets: the version that should be in force, and the one that is. Several sets may hold the same object (a pod that two services
/// select, a slice on its way from one service to another), and it is gone only when none of them has it any more.
/// </summary>
internal sealed class ObjectTable
{
    // The beginning leaves room behind that nothing after it needs again.
    private const int ManyDirty = 1_000;

    private readonly Dictionary<ResourceKey, TrackedObject> _objects = [];
    private readonly HashSet<ResourceKey> _dirty = [];

    public bool IsDirty => _dirty.Count > 0;

    public TrackedObject? Find(ResourceKey key) => _objects.GetValueOrDefault(key);

    /// <summary>A set says this version of an object. The last word counts, whichever set it comes from.</summary>
    public void Put(WatchedSet set, Resource resource)
    {
        var key = resource.Key;
        ref var tracked = ref CollectionsMarshal.GetValueRefOrAddDefault(_objects, key, out _);
        tracked ??= new TrackedObject();
        tracked.Hold(set);
        tracked.Wanted = resource;
        tracked.GoneAt = null;
        _dirty.Add(key);
    }

    /// <summary>A set does not have the object any more.</summary>
    /// <param name="isUnfollowed">It may exist all the same, and nobody asks any longer.</param>
    public void Remove(WatchedSet set, ResourceKey key, bool isUnfollowed = false)
    {
        if (_objects.TryGetValue(key, out var tracked) && tracked.Release(set))
        {
            tracked.Wanted = tracked.Holder?.Find(key);
            tracked.IsUnfollowed = isUnfollowed;
            _dirty.Add(key);
        }
    }

    /// <summary>The object is to be looked at once more.</summary>
    public void Touch(ResourceKey key) => _dirty.Add(key);

    /// <summary>What has changed since the last time, or is to be looked at once more.</summary>
    public ResourceKey[] TakeDirty()
    {
        ResourceKey[] dirty = [.. _dirty];
        _dirty.Clear();
        if (dirty.Length > ManyDirty)
        {
            _dirty.TrimExcess();
        }

        return dirty;
    }

    public void Forget(ResourceKey key) => _objects.Remove(key);
}

/// <summary>One object on its way into force.</summary>
internal sealed class TrackedObject
{
    private List<WatchedSet>? _others;

    /// <summary>The newest version; null where it is gone.</summary>
    public Resource? Wanted { get; set; }

    /// <summary>The version that has been delivered; null where none is.</summary>
    public Resource? Delivered { get; set; }

    /// <summary>It is gone because it is not followed any more, not because it was deleted.</summary>
    public bool IsUnfollowed { get; set; }

    /// <summary>When a deletion that is put off for a moment becomes one; a timestamp of the clock.</summary>
    public long? GoneAt { get; set; }

    public WatchedSet? Holder { get; private set; }

    public void Hold(WatchedSet set)
    {
        IsUnfollowed = false;
        if (Holder is null)
        {
            Holder = set;
        }
        else if (Holder != set && !(_others ??= []).Contains(set))
        {
            _others.Add(set);
        }
    }

    /// <returns>False where the set did not have it.</returns>
    public bool Release(WatchedSet set)
    {
        if (Holder == set)
        {
            Holder = _others is { Count: > 0 } ? _others[^1] : null;
            _others?.Remove(Holder!);
            return true;
        }

        return _others?.Remove(set) ?? false;
    }
}
