using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>The backends among which a rule's requests are divided by weight.</summary>
internal sealed record BackendSplit(ImmutableArray<BackendModel> Backends)
{
    public static BackendSplit None { get; } = new(ImmutableArray<BackendModel>.Empty);

    public long TotalWeight => Backends.Sum(static b => (long)b.Weight);
}

/// <summary>
/// One backend of a rule. A reference that cannot be resolved keeps its weight: <paramref name="Failure"/> is what its share gets.
/// </summary>
internal sealed record BackendModel(ClusterId Cluster, int Weight, RouteFailure? Failure = null)
{
    /// <summary>In the order written; they run after the rule's.</summary>
    public ImmutableArray<RouteFilter> Filters { get; init; } = [];

    /// <summary>For a rule that says nothing of its own; null: none.</summary>
    public SessionPersistence? Session { get; init; }
}
