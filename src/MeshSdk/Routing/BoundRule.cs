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
        Backends = [.. rule.Backends.Backends.Select(b => new BoundBackend(this, b, clusters))];
        Filters = BoundFilter.Bind(rule.Filters, clusters);
        Span<int> weights = [.. rule.Backends.Backends.Select(static b => b.Weight)];
        Split = weights.Length < 2 || rule.Failure is not null ? null
            : previousSplit is not null && previousSplit.Weights.Span.SequenceEqual(weights) ? previousSplit
            : new WeightedSplit(weights, random);
        Sessions = rule.Session is { } session ? [session]
            : Backends.All(static b => b.Model.Session is null) ? []
            : [.. rule.Backends.Backends.Select(static b => b.Session).OfType<SessionPersistence>().Distinct()];
        OnlyForwards = rule is { Filters.IsEmpty: true, Timeouts: null, Retry: null, Session: null }
            && rule.Backends.Backends.All(static b => b is { Filters.IsEmpty: true, Session: null });
    }

    public FrontendModel Frontend { get; }

    public RouteRule Rule { get; }

    public ImmutableArray<BoundBackend> Backends { get; }

    /// <summary>In the order written.</summary>
    public ImmutableArray<BoundFilter> Filters { get; }

    /// <summary>
    /// Whether there is nothing to do for its requests but to send them to a backend. Such a one takes the short way, which costs nothing for what it
    /// does not do.
    /// </summary>
    public bool OnlyForwards { get; }

    /// <summary>Null where there is nothing to divide.</summary>
    public WeightedSplit? Split { get; }

    /// <summary>The kinds of sessions that its requests may be part of: the rule's own, else those of its backends.</summary>
    public ImmutableArray<SessionPersistence> Sessions { get; }

    /// <summary>What tells its sessions from those of all other rules, now and in other processes.</summary>
    public string SessionScope => field ??= Rule switch
    {
        { Route: null } => Frontend.Id.ToString(),
        { Name: { } name } => $"{Rule.Route} rule '{name}'",
        _ => $"{Rule.Route} rule {Rule.Index}",
    };

    /// <summary>What keeps requests on a backend; null where nothing does.</summary>
    public SessionPersistence? SessionOf(BoundBackend backend) => Rule.Session ?? backend.Model.Session;

    /// <summary>The backend for the next request. Only for rules without a <see cref="RouteRule.Failure"/>.</summary>
    public BoundBackend NextBackend() => Split is null ? Backends[0] : Backends[Split.Next()];
}

/// <summary>One backend of a bound rule.</summary>
internal sealed class BoundBackend(BoundRule rule, BackendModel model, Func<ClusterId, ClusterState> clusters)
{
    public BoundRule Rule { get; } = rule;

    public BackendModel Model { get; } = model;

    /// <summary>Null where the reference is invalid.</summary>
    public ClusterState? Cluster { get; } = model.Failure is null ? clusters(model.Cluster) : null;

    /// <summary>In the order written; they run after the rule's.</summary>
    public ImmutableArray<BoundFilter> Filters { get; } = BoundFilter.Bind(model.Filters, clusters);
}
