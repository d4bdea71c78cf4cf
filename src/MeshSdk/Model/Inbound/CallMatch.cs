using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>Matches what is called for: each list that is not empty has to hold something that matches, and none of its counterpart may match.</summary>
internal sealed record CallMatch
{
    /// <summary>Whatever the case, with the port where one is stated.</summary>
    public ImmutableArray<TextPattern> Hosts { get; init; } = [];

    public ImmutableArray<TextPattern> NotHosts { get; init; } = [];

    /// <summary>That the server listens at.</summary>
    public ImmutableArray<int> Ports { get; init; } = [];

    public ImmutableArray<int> NotPorts { get; init; } = [];

    public ImmutableArray<TextPattern> Methods { get; init; } = [];

    public ImmutableArray<TextPattern> NotMethods { get; init; } = [];

    /// <summary>Without the query.</summary>
    public ImmutableArray<PathPattern> Paths { get; init; } = [];

    public ImmutableArray<PathPattern> NotPaths { get; init; } = [];
}
