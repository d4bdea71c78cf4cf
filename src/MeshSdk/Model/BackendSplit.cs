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
internal sealed record BackendModel(ClusterId Cluster, int Weight, RouteFailure? Failure = null);
