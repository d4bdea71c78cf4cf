using System.Collections.Immutable;

namespace MeshSdk.Sources;

/// <summary>A source that can tell how fresh what it delivered is.</summary>
internal interface ISourceHealth
{
    /// <summary>One entry for every set of objects that the source follows. Cheap, and may be asked from any thread.</summary>
    ImmutableArray<WatchHealth> Health { get; }
}

/// <summary>How well a source knows one set of objects.</summary>
/// <param name="Kind">As in <c>HTTPRoute</c>.</param>
/// <param name="Scope">For people: a namespace, <c>all namespaces</c>, or a namespace and a service.</param>
/// <param name="State">How it is followed at present.</param>
/// <param name="Age">How long ago the source last had word of it (data, a bookmark, an opened watch; where nothing changes an open one may be silent for a minute); null where it never had.</param>
/// <param name="Detail">Why it is not live, and what would help; empty where it is.</param>
internal sealed record WatchHealth(string Kind, string Scope, WatchState State, TimeSpan? Age, string Detail)
{
    /// <summary>Whether an attempt to read it has failed since it was read last; one that is still under way has not.</summary>
    public bool HasFailed { get; init; }
}

internal enum WatchState
{
    /// <summary>Not read yet.</summary>
    Pending,

    /// <summary>Read, and followed.</summary>
    Live,

    /// <summary>Read once, or taken over from a snapshot on disk, and not followed at present.</summary>
    Stale,

    /// <summary>The server refuses to tell.</summary>
    Forbidden,

    /// <summary>The server does not know the kind: there are none, until it does.</summary>
    NotInstalled,
}
