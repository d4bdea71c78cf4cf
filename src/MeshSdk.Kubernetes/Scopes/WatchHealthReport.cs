using System.Collections.Immutable;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>How well what is followed is known, kind by kind and namespace by namespace: the worst of its sets counts for each, or the list would be as long as the services are many.</summary>
internal static class WatchHealthReport
{
    public static ImmutableArray<WatchHealth> Of(IReadOnlyList<WatchedSet> sets, TimeSpan staleAfter)
    {
        var worst = new Dictionary<(string Kind, string? Namespace), (WatchedSet Set, WatchState State, TimeSpan? Age)>();
        foreach (var set in sets)
        {
            // What is on its way to somebody's first call is nobody's concern yet.
            var age = set.Age;
            var state = StateOf(set, age, staleAfter);
            if (state == WatchState.Pending && set is { Service: not null, IsOverdue: false })
            {
                continue;
            }

            if (state == WatchState.Forbidden && !set.IsKnown && WatchedKinds.Of(set.Target) is { IsOptional: true })
            {
                continue;
            }

            var key = (set.Kind, set.Target.Namespace);
            if (!worst.TryGetValue(key, out var other) || Rank(state) > Rank(other.State) || (state == other.State && age > other.Age))
            {
                worst[key] = (set, state, age);
            }
        }

        return
        [
            .. worst.OrderBy(static entry => entry.Key.Kind, StringComparer.Ordinal).ThenBy(static entry => entry.Key.Namespace, StringComparer.Ordinal)
                .Select(static entry => new WatchHealth(
                    entry.Key.Kind, entry.Key.Namespace ?? "all namespaces", entry.Value.State, entry.Value.Age, DetailOf(entry.Value.Set, entry.Value.State))
                {
                    HasFailed = entry.Value.Set.Condition.Detail.Length > 0,
                }),
        ];
    }

    private static WatchState StateOf(WatchedSet set, TimeSpan? age, TimeSpan staleAfter) => set switch
    {
        { IsForbidden: true } => WatchState.Forbidden,
        { Restored: not null } => WatchState.Stale,
        { IsLive: false } => WatchState.Pending,
        { Condition.State: WatchState.NotInstalled } => WatchState.NotInstalled,
        { IsLost: true } when age is null || age > staleAfter => WatchState.Stale,
        _ => WatchState.Live,
    };

    private static int Rank(WatchState state) => state switch
    {
        WatchState.Live => 0,
        WatchState.NotInstalled => 1,
        WatchState.Stale => 2,
        WatchState.Pending => 3,
        _ => 4,
    };

    private static string DetailOf(WatchedSet set, WatchState state) => state switch
    {
        WatchState.Live => "",
        WatchState.NotInstalled => set.Condition.Detail,
        _ when set.Restored is { } restored =>
            $"Taken from a snapshot of {restored.AsOf.UtcDateTime:u}{(set.Condition.Detail.Length > 0 ? $": {set.Condition.Detail}" : "; not read since.")}",
        WatchState.Stale when set.Condition.Detail.Length == 0 => "Nothing has been heard of it since.",
        WatchState.Stale => set.Condition.Detail,
        _ => set.Reason,
    };
}
