using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Tool.Explain;

namespace MeshSdk.Tool.Describe;

/// <summary>Describes the routes that decide about calls to a service, and those that send other services' calls to it.</summary>
internal sealed class RouteDescriber(MeshSnapshot snapshot, BackendExplainer backends, EndpointDescriber endpoints)
{
    /// <summary>In order of precedence among themselves; empty where the service is its own backend.</summary>
    public IReadOnlyList<DescribedRoute> RoutesOf(RouteTable table)
    {
        var matches = MatchesOf(table);
        return
        [
            .. table.Rules
                .Select((rule, position) => (Rule: rule, Position: position))
                .Where(static entry => entry.Rule.Route is not null)
                .GroupBy(static entry => entry.Rule.Route!)
                .Select(route => new DescribedRoute(
                    route.Key.Kind,
                    route.Key.Namespace,
                    route.Key.Name,
                    [.. route.Select(entry => Describe(entry.Rule, [.. matches[entry.Position]]))])),
        ];
    }

    /// <summary>Rules of other services that have a share for this one, in order of their names.</summary>
    public IReadOnlyList<DescribedReference> ReferencesTo(ServiceId service) =>
    [
        .. from other in snapshot.Services.Values
           where other.Id != service
           from frontend in other.Frontends
           from rule in frontend.AllRules
           where rule.Route is not null
           from backend in rule.Backends.Backends
           where backend.Failure is null && backend.Cluster.ServiceId == service
           orderby other.Id.ToString(), frontend.Id.Port, rule.Route!.ToString(), rule.Index
           select new DescribedReference(
               rule.Route!.Kind, rule.Route.Namespace, rule.Route.Name, rule.Index,
               other.Id.Namespace, other.Id.Name, frontend.Id.Port, backend.Cluster.Port, backend.Weight, ShareOf(backend, rule)),
    ];

    private DescribedRouteRule Describe(RouteRule rule, ImmutableArray<DescribedMatch> matches) => new(
        rule.Index,
        rule.Name,
        rule.Failure?.Status,
        rule.Failure?.Message,
        matches,
        [.. rule.Backends.Backends.Select(backend => Describe(backend, rule))])
    {
        Filters = [.. rule.Filters.Select(FilterText.Of)],
        Timeouts = RuleSettingsExplainer.TimeoutsOf(rule),
        Retry = RuleSettingsExplainer.RetryOf(rule),
        SessionPersistence = RuleSettingsExplainer.SessionOf(rule),
    };

    private DescribedBackend Describe(BackendModel backend, RouteRule rule)
    {
        var id = backend.Cluster;
        var cluster = backend.LeadsSomewhere ? backends.Find(id) : null;
        var (status, reason) = (backend.Failure, cluster) switch
        {
            ({ } failure, _) => (failure.Status, failure.Message),
            (_, null) => (500, "there is no such Service"),
            _ when backend.Filters.Any(static filter => filter is RedirectFilter) => (null, null),
            (_, { } known) => backends.WhyRefused(known) is { } why ? (503, why) : ((int?)null, (string?)null),
        };
        return new DescribedBackend(
            id.Namespace,
            id.Service,
            id.Port == 0 ? null : id.Port,
            backend.Weight,
            ShareOf(backend, rule),
            status,
            reason,
            BackendExplainer.PolicyOf(cluster),
            endpoints.Describe(cluster))
        {
            Filters = [.. backend.Filters.Select(FilterText.Of)],
        };
    }

    private static double ShareOf(BackendModel backend, RouteRule rule) =>
        rule.Backends.TotalWeight is > 0 and var total ? backend.Weight / (double)total : 0;

    private static ILookup<int, DescribedMatch> MatchesOf(RouteTable table)
    {
        // The first with the same conditions decides; it stands before all others with them.
        var first = new Dictionary<string, RouteMatch>(StringComparer.Ordinal);
        var described = new List<(int Rule, DescribedMatch Match)>();
        for (var order = 0; order < table.Matches.Length; order++)
        {
            var match = table.Matches[order];
            var conditions = MatchConditions.Of(match);
            var shadow = first.TryAdd(MatchConditions.KeyOf(match), match) ? null : Shadow(table, first[MatchConditions.KeyOf(match)], match);
            described.Add((match.Rule, new DescribedMatch(match.Index, order, conditions, shadow)));
        }

        return described.ToLookup(static entry => entry.Rule, static entry => entry.Match);
    }

    private static string Shadow(RouteTable table, RouteMatch first, RouteMatch match)
    {
        var (winner, loser) = (table.Rules[first.Rule], table.Rules[match.Rule]);
        return winner.Route == loser.Route
            ? $"rule {winner.Index} has the same conditions and stands before it"
            : $"{winner.Route} rule {winner.Index} has the same conditions and is older, or first by name";
    }
}
