using MeshSdk.Sources;

namespace MeshSdk;

/// <summary>How well the mesh knows one set of objects that it follows on an API server; for dashboards and health pages.</summary>
public sealed record MeshWatch
{
    /// <summary>The kind, as in <c>HTTPRoute</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Which of them, for people: a namespace, <c>all namespaces</c>, or a namespace and a service.</summary>
    public required string Scope { get; init; }

    /// <summary>How it is followed at present.</summary>
    public required MeshWatchState State { get; init; }

    /// <summary>How long ago the server last gave word of it; where nothing changes an open watch may be silent for a minute. Null where it never did.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>Why it is not live, and what would help; empty where it is.</summary>
    public string Detail { get; init; } = "";

    internal static MeshWatch Of(WatchHealth health) => new()
    {
        Kind = health.Kind,
        Scope = health.Scope,
        State = health.State switch
        {
            WatchState.Live => MeshWatchState.Live,
            WatchState.Stale => MeshWatchState.Stale,
            WatchState.Forbidden => MeshWatchState.Forbidden,
            WatchState.NotInstalled => MeshWatchState.NotInstalled,
            _ => MeshWatchState.Pending,
        },
        Age = health.Age,
        Detail = health.Detail,
    };

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
