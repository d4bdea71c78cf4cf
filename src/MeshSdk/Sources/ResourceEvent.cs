using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Sources;

/// <summary>A set of changes that belong together: readers see all of them or none.</summary>
internal sealed record ResourceEvent
{
    /// <summary>Added or replaced objects.</summary>
    public ImmutableArray<Resource> Upserts { get; init; } = [];

    public ImmutableArray<ResourceKey> Deletes { get; init; } = [];

    /// <summary>All that the source cannot read at present, replacing what it said before; null: unchanged.</summary>
    public ImmutableArray<MeshDiagnostic>? Problems { get; init; }

    /// <summary>All that the source cannot know at present, replacing what it said before; null: unchanged.</summary>
    public ImmutableArray<UnknownScope>? Unknown { get; init; }

    /// <summary>
    /// Told when this event and all before it are in force; cancelled when the mesh ends before that. Where a change cannot be put in force it is told when a
    /// later attempt succeeds. The source makes it, with continuations that run asynchronously.
    /// </summary>
    public TaskCompletionSource? InForce { get; init; }

    /// <summary>The initial list is complete.</summary>
    public bool Synced { get; init; }
}
