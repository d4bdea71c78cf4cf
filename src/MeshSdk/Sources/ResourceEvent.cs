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

    /// <summary>The initial list is complete.</summary>
    public bool Synced { get; init; }
}
