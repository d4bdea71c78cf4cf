using MeshSdk.Clusters;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>Ties a compiled table to living clusters, and hands the splits of unchanged rules on.</summary>
internal static class RouteBinder
{
    public static BoundRoutes Bind(FrontendModel model, BoundRoutes? previous, Func<ClusterId, ClusterState> clusters, Random random)
    {
        var old = new PreviousRules(previous);
        return new(model, rule => new BoundRule(model, rule, clusters, SplitOf(rule, old), random), previous);
    }

    private static WeightedSplit? SplitOf(RouteRule rule, PreviousRules previous) =>
        previous.Find(rule) is { } old && SameBackends(old.Rule.Backends, rule.Backends) ? old.Split : null;

    private static bool SameBackends(BackendSplit a, BackendSplit b) =>
        a.Backends.Select(static x => x.Cluster).SequenceEqual(b.Backends.Select(static x => x.Cluster));

    /// <summary>The rules that were bound before. They are asked for in the order in which they stand, nearly always.</summary>
    private sealed class PreviousRules(BoundRoutes? routes)
    {
        private Dictionary<(RouteId?, int), BoundRule>? _byPosition;
        private int _next;

        public BoundRule? Find(RouteRule rule)
        {
            if (routes is null)
            {
                return null;
            }

            if (_next < routes.Rules.Length && routes.Rules[_next].Rule is var next && next.Index == rule.Index && next.Route == rule.Route)
            {
                return routes.Rules[_next++];
            }

            _byPosition ??= ByPosition(routes);
            return _byPosition.GetValueOrDefault((rule.Route, rule.Index));
        }

        private static Dictionary<(RouteId?, int), BoundRule> ByPosition(BoundRoutes routes)
        {
            var rules = new Dictionary<(RouteId?, int), BoundRule>();
            foreach (var rule in routes.Rules)
            {
                rules.TryAdd((rule.Rule.Route, rule.Rule.Index), rule);
            }

            return rules;
        }
    }
}
