using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>
/// What was told of a set of objects, so that a list after a gap can be told as a difference, and what of it cannot be read. Changes gather until
/// they are taken; of several changes of one object the last one is told.
/// </summary>
internal sealed class ToldSet
{
    // A first list leaves room behind that the changes after it never need again.
    private const int ManyChanges = 1_000;

    private readonly Dictionary<ResourceKey, Told> _told = [];
    private readonly Dictionary<ResourceKey, ImmutableArray<MeshDiagnostic>> _problems = [];
    private readonly Dictionary<ResourceKey, Resource?> _changes = [];
    private bool _problemsChanged;

    public int Count => _told.Count;

    public bool HasChanges => _changes.Count > 0 || _problemsChanged;

    /// <summary>Whether this version of the object is the last thing that was told of it.</summary>
    public bool IsTold(ResourceKey key, string version) =>
        _told.TryGetValue(key, out var told) && told.Version == version && version.Length > 0 && !_problems.ContainsKey(key);

    /// <summary>Takes over an object that was added or changed.</summary>
    public void Put(DecodedObject found)
    {
        // Of an object without a name there is nothing that could be kept or replaced; it is told of for as long as the list that held it is the last one.
        var key = found.Key ?? new ResourceKey("", "", "");
        if (found.Resource is { } resource)
        {
            Tell(key, resource, found.Version, isStandIn: false);
            ClearProblem(key);
            return;
        }

        SetProblem(key, found.Problems);
        var hasGoodVersion = _told.TryGetValue(key, out var told) && !told.IsStandIn;
        if (!hasGoodVersion && found.StandIn is { } standIn)
        {
            Tell(key, standIn, found.Version, isStandIn: true);
        }
        else if (!hasGoodVersion && _told.ContainsKey(key))
        {
            // A stand-in for an older version that this one needs no more.
            Forget(key);
        }
    }

    /// <summary>Takes note that an object is gone.</summary>
    public void Remove(ResourceKey key)
    {
        Forget(key);
        ClearProblem(key);
    }

    /// <summary>Puts a whole list in the place of what was there.</summary>
    public void Replace(ListReplacement list)
    {
        if (!list.HasUnidentified)
        {
            foreach (var key in _told.Keys.Concat(_problems.Keys).Where(key => !list.Seen.Contains(key)).ToArray())
            {
                Remove(key);
            }
        }

        foreach (var found in list.Changed)
        {
            Put(found);
        }
    }

    /// <summary>The set is empty.</summary>
    public void Clear()
    {
        foreach (var key in _told.Keys.Concat(_problems.Keys).ToArray())
        {
            Remove(key);
        }
    }

    /// <summary>Versions are no longer those that were told: the next word of every object counts, whatever its version.</summary>
    public void ForgetVersions()
    {
        foreach (var (key, told) in _told.ToArray())
        {
            _told[key] = told with { Version = "" };
        }
    }

    /// <summary>All that changed since the last call; null: nothing.</summary>
    /// <param name="condition">To be told with it.</param>
    public WatchUpdate? TakeChanges(WatchCondition? condition)
    {
        if (!HasChanges && condition is null)
        {
            return null;
        }

        var update = new WatchUpdate
        {
            Upserts = [.. _changes.Values.OfType<Resource>()],
            Deletes = [.. _changes.Where(static change => change.Value is null).Select(static change => change.Key)],
            Condition = condition,
            Problems = _problemsChanged ? [.. _problems.Values.SelectMany(static problems => problems)] : null,
        };
        var hadMany = _changes.Count > ManyChanges;
        _changes.Clear();
        _problemsChanged = false;
        if (hadMany)
        {
            _changes.TrimExcess();
        }

        return update;
    }

    private void Tell(ResourceKey key, Resource resource, string version, bool isStandIn)
    {
        var now = new Told(version, isStandIn);
        if (version.Length == 0 || !_told.TryGetValue(key, out var told) || told != now)
        {
            _told[key] = now;
            _changes[key] = resource;
        }
    }

    private void Forget(ResourceKey key)
    {
        if (_told.Remove(key))
        {
            _changes[key] = null;
        }
    }

    private void SetProblem(ResourceKey key, ImmutableArray<MeshDiagnostic> problems)
    {
        if (!_problems.TryGetValue(key, out var known) || !known.SequenceEqual(problems))
        {
            _problems[key] = problems;
            _problemsChanged = true;
        }
    }

    private void ClearProblem(ResourceKey key) => _problemsChanged |= _problems.Remove(key);

    /// <param name="Version">Of the object that was told.</param>
    /// <param name="IsStandIn">It stands for an object that cannot be read.</param>
    private readonly record struct Told(string Version, bool IsStandIn);
}
