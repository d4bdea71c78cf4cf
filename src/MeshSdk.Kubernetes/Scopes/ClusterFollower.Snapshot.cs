using MeshSdk.Kubernetes.Snapshots;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

// What is taken from a snapshot on disk while the API server is away, and what is kept for the next one.
internal sealed partial class ClusterFollower
{
    /// <summary>From this age on the addresses of pods may belong to other pods.</summary>
    public static readonly TimeSpan OutdatedAfter = TimeSpan.FromMinutes(5);

    private bool _servesSnapshot;
    private DateTimeOffset _snapshotTime;

    /// <summary>Serves what the API server has not said yet from a snapshot, kind by kind, until it does.</summary>
    /// <exception cref="InvalidDataException">It makes no sense; nothing of it is served.</exception>
    /// <returns>False where the snapshot holds nothing of what is followed here: it was made under other options.</returns>
    public bool Restore(SnapshotContent snapshot)
    {
        var saved = new SavedSets(snapshot.Sets);
        var keys = snapshot.Sets.Select(static set => set.Key).ToHashSet();

        // What every scope follows alike is no sign that the snapshot is of this one.
        if (!_areaSets.Exists(set => !WatchedKinds.Of(set.Target).IsOptional && keys.Contains(SetKey.Of(set.Target))))
        {
            return false;
        }

        _servesSnapshot = true;
        _snapshotTime = snapshot.Time;
        Sets.Restore(saved);
        if (_settings.IsOnDemand)
        {
            FollowRestored(snapshot);
        }

        // There is nothing to wait for: what neither of the two says is unknown until the server says it.
        foreach (var set in Sets.All)
        {
            Sets.GiveUp(set);
        }

        MarkOutdated();
        return true;
    }

    /// <summary>What is known at present.</summary>
    /// <returns>Null where the server itself has said nothing yet that would be worth keeping.</returns>
    public SnapshotContent? Capture(string server)
    {
        // What is secret is never written to a disk.
        var known = Sets.All.Where(static set => set.IsKnown && !set.Target.Kind.IsSecret).ToList();
        if (!known.Exists(static set => set.IsLive))
        {
            return null;
        }

        var now = _time.GetUtcNow();
        SnapshotSet[] sets =
        [
            .. known.Select(set => new SnapshotSet(SetKey.Of(set.Target), set.Service, now - (set.Age ?? TimeSpan.Zero), [.. set.Objects.Values])),
        ];
        return new SnapshotContent(server, _settings.Caller.Namespace, sets.Max(static set => set.AsOf), [.. sets], _unknown);
    }

    private void FollowRestored(SnapshotContent snapshot)
    {
        foreach (var set in snapshot.Sets)
        {
            if (set is { Service: { } id, Objects.IsEmpty: false } && set.Key == SetKey.Of(FollowedService.ServiceTarget(id))
                && _settings.Namespaces.Contains(id.Namespace) && !_followed.ContainsKey(id) && ServiceCount < _settings.MaxServices)
            {
                Use(Follow(id));
            }
        }
    }

    private void MarkOutdated()
    {
        TimeSpan? next = null;
        foreach (var set in Sets.All)
        {
            if (set is not { Kind: "EndpointSlice", Restored: { } restored } || restored.Objects.Values.All(static slice => ((EndpointSlice)slice).IsOutdated))
            {
                continue;
            }

            var left = restored.AsOf + OutdatedAfter - _time.GetUtcNow();
            if (left > TimeSpan.Zero)
            {
                next = next < left ? next : left;
                continue;
            }

            var outdated = restored.Objects.ToDictionary(static slice => slice.Key, static slice => (Resource)((EndpointSlice)slice.Value with { IsOutdated = true }));
            Sets.Revise(set, restored with { Objects = outdated });
        }

        if (next is { } time)
        {
            _deadlines.After(time, MarkOutdated);
        }
    }
}
