using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>One set of conditions, all of which must hold, and the rule that it leads to.</summary>
internal sealed record RouteMatch
{
    /// <summary>Position of the rule in <see cref="RouteTable.Rules"/>.</summary>
    public required int Rule { get; init; }

    /// <summary>Zero-based position in the rule as written; null where the rule lists none.</summary>
    public int? Index { get; init; }

    public PathMatch Path { get; init; } = PathMatch.Any;

    /// <summary>Null: any. Compared case-sensitively.</summary>
    public string? Method { get; init; }

    /// <summary>Names compare without case, values with case.</summary>
    public ImmutableArray<ValueMatch> Headers { get; init; } = [];

    public ImmutableArray<ValueMatch> Query { get; init; } = [];

    /// <summary>Whether it asks for the same, whatever rule it leads to.</summary>
    public bool HasConditionsOf(RouteMatch other) =>
        Path == other.Path
        && Method == other.Method
        && Headers.AsSpan().SequenceEqual(other.Headers.AsSpan())
        && Query.AsSpan().SequenceEqual(other.Query.AsSpan());
}
