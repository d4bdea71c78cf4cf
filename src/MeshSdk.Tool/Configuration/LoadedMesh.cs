using System.Collections.Immutable;
using MeshSdk.Resources;
using MeshSdk.Tool.Foreign;

namespace MeshSdk.Tool.Configuration;

/// <summary>The configuration as it was at one moment.</summary>
/// <param name="Resources">What is in force, ready to be compiled.</param>
/// <param name="Objects">Every object that was read, also such as nothing refers to.</param>
/// <param name="Unknown">What may be there and could not be read.</param>
internal sealed record LoadedMesh(ResourceStore Resources, IReadOnlyCollection<Resource> Objects, ImmutableArray<UnknownScope> Unknown)
{
    /// <summary>Those of a live cluster that were asked for and followed to; empty where everything was read.</summary>
    public IReadOnlyCollection<string> Namespaces { get; init; } = [];

    /// <summary>Objects that shape calls behind sidecars and that nothing here acts on, as far as they could be read.</summary>
    public IReadOnlyCollection<ForeignObject> Foreign { get; init; } = [];
}
