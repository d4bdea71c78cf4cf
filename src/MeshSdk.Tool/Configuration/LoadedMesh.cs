using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Tool.Configuration;

/// <summary>The configuration as it was at one moment.</summary>
/// <param name="Resources">What is in force, ready to be compiled.</param>
/// <param name="Objects">Every object that was read, also such as nothing refers to.</param>
/// <param name="Unknown">What may be there and could not be read.</param>
internal sealed record LoadedMesh(ResourceStore Resources, IReadOnlyCollection<Resource> Objects, ImmutableArray<UnknownScope> Unknown)
{
    /// <summary>Those of a live cluster that were asked for and followed to; empty where everything was read.</summary>
    public IReadOnlyCollection<string> Namespaces { get; init; } = [];
}
