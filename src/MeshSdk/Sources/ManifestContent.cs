using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Sources;

/// <summary>What a text holds: its objects in the order written, and all that could not be read.</summary>
internal sealed record ManifestContent(ImmutableArray<Resource> Resources, ImmutableArray<MeshDiagnostic> Problems)
{
    /// <summary>Objects that are there, can be told by name, and cannot be read.</summary>
    public ImmutableArray<ResourceKey> Unreadable { get; init; } = [];

    /// <summary>In the place of destination rules that cannot be read.</summary>
    public ImmutableArray<StandIn> StandIns { get; init; } = [];

    /// <summary>Something in the text may be an object and cannot be told by name: what is missing here is not known to be gone.</summary>
    public bool HasUnidentified { get; init; }

    /// <summary>Part of the text is neither YAML nor JSON: what it held is not known.</summary>
    public bool HasSyntaxError => !SyntaxFaults.IsEmpty;

    /// <summary>Those of <see cref="Problems"/> that hide what follows them, the ones that are not listed any more included.</summary>
    public ImmutableArray<MeshDiagnostic> SyntaxFaults { get; init; } = [];

    /// <summary>There is nothing but space and comments.</summary>
    public bool IsEmpty { get; init; }
}
