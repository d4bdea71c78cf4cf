using MeshSdk.Sources;

namespace MeshSdk;

/// <summary>How well the mesh knows one set of objects that it follows on an API server; for dashboards and health pages.</summary>
/// <param name="Kind">The kind, as in <c>HTTPRoute</c>.</param>
/// <param name="Scope">Which of them, for people: a namespace, <c>all namespaces</c>, or a namespace and a service.</param>
/// <param name="State">How it is followed at present.</param>
/// <param name="Age">How long ago the server last gave word of it; an open watch counts as word. Null where it never did.</param>
/// <param name="Detail">Why it is not live, and what would help; empty where it is.</param>
public sealed record MeshWatch(string Kind, string Scope, MeshWatchState State, TimeSpan? Age, string Detail)
{
    internal static MeshWatch Of(WatchHealth health) => new(
        health.Kind,
        health.Scope,
        health.State switch
        {
            WatchState.Live => MeshWatchState.Live,
            WatchState.Stale => MeshWatchState.Stale,
            WatchState.Forbidden => MeshWatchState.Forbidden,
            WatchState.NotInstalled => MeshWatchState.NotInstalled,
            _ => MeshWatchState.Pending,
        },
        health.Age,
        health.Detail);

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} in {Scope}: {State}{(Detail.Length == 0 ? "" : $" ({Detail})")}";
}

/// <summary>How a set of objects is followed, see <see cref="MeshWatch"/>.</summary>
public enum MeshWatchState
{
    /// <summary>Not read yet: calls that depend on it are answered 503.</summary>
    Pending,

    /// <summary>Read, and followed.</summary>
    Live,

    /// <summary>Read once, or taken over from a snapshot on disk, and not followed at present: what was known last stays in force.</summary>
    Stale,

    /// <summary>The server refuses to tell; what was never read is unknown, and calls that depend on it are answered 503.</summary>
    Forbidden,

    /// <summary>The server does not know the kind, so there are no such objects until it does.</summary>
    NotInstalled,
}
