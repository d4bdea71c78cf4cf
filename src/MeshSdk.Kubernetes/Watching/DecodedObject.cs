using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>One object as it came from the API server, as far as it can be read.</summary>
/// <param name="Key">Null: not even its name can be read.</param>
/// <param name="Version">Its resource version.</param>
/// <param name="Resource">Null: it cannot be read.</param>
internal readonly record struct DecodedObject(ResourceKey? Key, string Version, Resource? Resource)
{
    /// <summary>Why it cannot be read; empty where it can.</summary>
    public ImmutableArray<MeshDiagnostic> Problems { get; init; } = [];

    /// <summary>In force in the place of an object that cannot be read and has no good version from before; null: nothing need be.</summary>
    public Resource? StandIn { get; init; }
}
