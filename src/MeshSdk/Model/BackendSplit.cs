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

    /// <summary>Whether nothing but its filters keeps its share from being served.</summary>
    public bool HasBadFilters { get; init; }

    /// <summary>Whether the reference leads to a cluster, be its share served or not.</summary>
    public bool LeadsSomewhere => Failure is null || HasBadFilters;

    /// <summary>For a rule that says nothing of its own; null: none.</summary>
    public SessionPersistence? Session { get; init; }
}
