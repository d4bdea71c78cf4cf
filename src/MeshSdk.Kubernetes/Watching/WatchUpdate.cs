using System.Collections.Immutable;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>
/// What a reflector found out. A list after a gap arrives as one update that holds only the difference to what was told before, so that nothing that is
/// still there is ever missing in between.
/// </summary>
internal sealed record WatchUpdate
{
    public ImmutableArray<Resource> Upserts { get; init; } = [];

    public ImmutableArray<ResourceKey> Deletes { get; init; } = [];

    /// <summary>How the set is followed from now on; null: as before.</summary>
    public WatchCondition? Condition { get; init; }

    /// <summary>Objects that cannot be read, replacing what was said before; null: unchanged. Their last good versions stay.</summary>
    public ImmutableArray<MeshDiagnostic>? Problems { get; init; }
}

/// <param name="State">How the set is followed.</param>
/// <param name="IsKnown">Whether it was ever read as a whole (a kind that is not installed counts as read, and empty).</param>
/// <param name="Detail">Why it is not live, and what would help; empty where it is.</param>
internal sealed record WatchCondition(WatchState State, bool IsKnown, string Detail);

/// <summary>Follows one set of objects until it is stopped, whatever the API server does.</summary>
internal interface IReflector
{
    WatchTarget Target { get; }

    /// <summary>When the server last gave word of the set, in <see cref="TimeProvider.GetTimestamp"/> ticks: data, a bookmark, an opened watch; 0: never.</summary>
    long LastContact { get; }

    /// <summary>
    /// Lists and watches until cancelled, and then returns. Updates go to <paramref name="sink"/> in order, one at a time; it must not block.
    /// </summary>
    Task RunAsync(Action<WatchUpdate> sink, CancellationToken cancellationToken);
}

/// <summary>Makes reflectors that share one connection to the API server.</summary>
internal interface IReflectorFactory : IAsyncDisposable
{
    /// <summary>Who the server is, so that what was read from another one is not mistaken for its own: a hash over its certificate authority.</summary>
    string ServerIdentity { get; }

    IReflector Create(WatchTarget target);
}
