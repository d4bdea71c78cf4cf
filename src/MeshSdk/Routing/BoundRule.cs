using System.Collections.Immutable;
using MeshSdk.Clusters;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>A rule with its backends resolved to living clusters and its split, which outlives changes elsewhere in the table.</summary>
internal sealed class BoundRule
{
    public BoundRule(FrontendModel frontend, RouteRule rule, Func<ClusterId, ClusterState> clusters, WeightedSplit? previousSplit, Random random)
    {
        Frontend = frontend;
        Rule = rule;
        Backends = [.. rule.Backends.Backends.Select(b => new BoundBackend(this, b, b.Failure is null ? clusters(b.Cluster) : null))];
        Span<int> weights = [.. rule.Backends.Backends.Select(static b => b.Weight)];
        Split = weights.Length < 2 || rule.Failure is not null ? null
            : previousSplit is not null && previousSplit.Weights.Span.SequenceEqual(weights) ? previousSplit
            : new WeightedSplit(weights, random);
    }

    public FrontendModel Frontend { get; }

    public RouteRule Rule { get; }

    public ImmutableArray<BoundBackend> Backends { get; }

    /// <summary>Null where there is nothing to divide.</summary>
    public WeightedSplit? Split { get; }

    /// <summary>The backend for the next request. Only for rules without a <see cref="RouteRule.Failure"/>.</summary>
    public BoundBackend NextBackend() => Split is null ? Backends[0] : Backends[Split.Next()];
}

/// <summary>One backend of a bound rule.</summary>
internal sealed class BoundBackend(BoundRule rule, BackendModel model, ClusterState? cluster)
{
    public BoundRule Rule { get; } = rule;

    public BackendModel Model { get; } = model;

    /// <summary>Null where the reference is invalid.</summary>
    public ClusterState? Cluster { get; } = cluster;
}
