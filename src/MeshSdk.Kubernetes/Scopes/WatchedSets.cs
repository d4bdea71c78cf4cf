using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// Opens and closes sets, and takes over what their reflectors tell. Where the server refuses a kind in a namespace, one reflector goes on asking (as
/// seldom as it does then), and further sets of that kind and namespace share its answer instead of asking too.
/// </summary>
/// <param name="start">Runs a reflector until the set is closed.</param>
/// <param name="stop">Ends that.</param>
internal sealed class WatchedSets(ObjectTable objects, TimeProvider time, Action<WatchedSet> start, Action<WatchedSet> stop)
{
    private readonly List<WatchedSet> _open = [];
    private readonly List<WatchedSet> _askers = [];
    private SavedSets? _snapshot;
    private volatile WatchedSet[] _published = [];

    /// <summary>All that is followed. May be asked from any thread; the array is never changed, only replaced.</summary>
    public IReadOnlyList<WatchedSet> All => _published;

    /// <summary>Grows with every change of what is followed and how well.</summary>
    public long Version { get; private set; }

    /// <summary>Whether anything is served that a snapshot on disk says and the server has not.</summary>
    public bool HasRestored => _open.Exists(static set => set.Restored is not null);

    public WatchedSet Open(WatchTarget target, ServiceId? service)
    {
        var set = new WatchedSet(target, service, time);
        Restore(set);
        _open.Add(set);
        Publish();
        if (Refused(set) is { } refused)
        {
            set.Condition = refused.Condition;
        }
        else
        {
            start(set);
        }

        return set;
    }

    /// <summary>Stops to follow a set; what only it had goes out of force.</summary>
    public void Close(WatchedSet set)
    {
        set.IsClosed = true;
        _open.Remove(set);
        Publish();
        foreach (var key in set.Objects.Keys)
        {
            objects.Remove(set, key, isUnfollowed: true);
        }

        if (set.Reflector is null)
        {
            EndAskers();
        }
        else if (set.IsForbidden && IsShared(set) && Refused(set) is null)
        {
            // It goes on asking for those who share its answer: another one in its place would ask at once, and with many that are let go one after
            // the other, that makes many questions to a namespace that is asked once in a while.
            _askers.Add(set);
        }
        else
        {
            stop(set);
        }
    }

    /// <summary>Takes over what a reflector tells.</summary>
    public void Apply(WatchedSet set, WatchUpdate update)
    {
        if (set.IsClosed)
        {
            HearAsker(set, update);
            return;
        }

        foreach (var resource in update.Upserts)
        {
            set.Live[resource.Key] = resource;
            if (set.Restored is null)
            {
                objects.Put(set, resource);
            }
        }

        foreach (var key in update.Deletes)
        {
            set.Live.Remove(key);
            if (set.Restored is null)
            {
                objects.Remove(set, key);
            }
        }

        if (update.Problems is { } problems)
        {
            set.Problems = problems;
            Version++;
        }

        if (update.Condition is { } condition && condition != set.Condition)
        {
            var wasForbidden = set.IsForbidden;
            set.Condition = condition;
            Version++;
            if (set.IsLive)
            {
                set.IsOverdue = false;
                EndRestored(set);
            }

            if (wasForbidden && !set.IsForbidden)
            {
                Wake(set);
            }
        }
    }

    /// <summary>What is waited for no longer.</summary>
    public void GiveUp(WatchedSet set)
    {
        if (!set.IsSettled)
        {
            set.IsOverdue = true;
            Version++;
        }
    }

    /// <summary>Takes what the server has not said, now and of sets to come, from a snapshot.</summary>
    public void Restore(SavedSets snapshot)
    {
        _snapshot = snapshot;
        foreach (var set in _open)
        {
            Restore(set);
        }

        Version++;
    }

    /// <summary>Replaces objects that a snapshot says by other versions of them.</summary>
    public void Revise(WatchedSet set, RestoredSet revised)
    {
        set.Restored = revised;
        foreach (var resource in revised.Objects.Values)
        {
            objects.Put(set, resource);
        }
    }

    /// <summary>Marks sets that were not heard of for too long.</summary>
    public void MarkStale(TimeSpan after)
    {
        foreach (var set in _open)
        {
            var isStale = set.IsLost && set.IsUnheardFor(after);
            if (isStale != set.IsStale)
            {
                set.IsStale = isStale;
                Version++;
            }
        }
    }

    /// <summary>Another one that asks, and is refused.</summary>
    private WatchedSet? Refused(WatchedSet set) => _open.Concat(_askers).FirstOrDefault(other =>
        other != set && other.Reflector is not null && other.IsForbidden && !other.IsLive && IsSameScope(other, set));

    private bool IsShared(WatchedSet asker) => _open.Exists(other => other.Reflector is null && IsSameScope(other, asker));

    /// <summary>Those that were closed and ask on for others hear of nothing but whether that is still needed.</summary>
    private void HearAsker(WatchedSet set, WatchUpdate update)
    {
        if (update.Condition is not { State: not WatchState.Forbidden } || !_askers.Remove(set))
        {
            return;
        }

        stop(set);
        Wake(set);
    }

    private void EndAskers()
    {
        foreach (var asker in _askers.FindAll(asker => !IsShared(asker)))
        {
            _askers.Remove(asker);
            stop(asker);
        }
    }

    private static bool IsSameScope(WatchedSet left, WatchedSet right) =>
        left.Target.Resource == right.Target.Resource && left.Target.Namespace == right.Target.Namespace && left.Target.OnlyName == right.Target.OnlyName;

    /// <summary>Lets sets ask for themselves that shared the answer of this one.</summary>
    private void Wake(WatchedSet set)
    {
        foreach (var other in _open.FindAll(other => other.Reflector is null && IsSameScope(other, set)))
        {
            other.Condition = new WatchCondition(WatchState.Pending, IsKnown: false, "");
            start(other);
        }
    }

    private void Restore(WatchedSet set)
    {
        if (!set.IsKnown && _snapshot?.Find(set.Target, set.Service) is { } saved)
        {
            set.Restored = saved;
            foreach (var resource in saved.Objects.Values)
            {
                objects.Put(set, resource);
            }
        }
    }

    /// <summary>The server has said it all: what it has not said does not exist any more, and what has not changed stays as it is.</summary>
    private void EndRestored(WatchedSet set)
    {
        if (set.Restored is not { } restored)
        {
            return;
        }

        set.Restored = null;
        foreach (var key in restored.Objects.Keys.Where(key => !set.Live.ContainsKey(key)))
        {
            objects.Remove(set, key);
        }

        foreach (var (key, resource) in set.Live.ToArray())
        {
            if (restored.Objects.TryGetValue(key, out var old) && IsSame(old, resource))
            {
                set.Live[key] = old;
            }
            else
            {
                objects.Put(set, resource);
            }
        }

        if (!HasRestored)
        {
            _snapshot = null;
        }
    }

    /// <summary>
    /// The server has the version that is in force already, which is then not put in force once more. Endpoints that were marked as outdated are another one.
    /// </summary>
    private static bool IsSame(Resource restored, Resource live) =>
        live.Metadata is { Uid: { Length: > 0 } uid, ResourceVersion: { Length: > 0 } version }
        && restored.Metadata.Uid == uid && restored.Metadata.ResourceVersion == version
        && restored is not EndpointSlice { IsOutdated: true };

    private void Publish()
    {
        _published = [.. _open];
        Version++;
    }
}
