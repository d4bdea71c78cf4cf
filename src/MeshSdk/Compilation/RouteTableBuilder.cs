using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MeshSdk.Model;

namespace MeshSdk.Compilation;

/// <summary>Merges the routes of one frontend into one list of matches, in the order in which they are tried.</summary>
internal static class RouteTableBuilder
{
    /// <param name="routes">Of one kind, in order of precedence among themselves.</param>
    public static RouteTable Build(IReadOnlyList<CompiledRoute> routes)
    {
        var rules = ImmutableArray.CreateBuilder<RouteRule>();
        var matches = new List<(RouteMatch Match, GrpcSpecificity Specificity, int Position)>();
        foreach (var route in routes)
        {
            var offset = rules.Count;
            rules.AddRange(route.Rules);
            for (var i = 0; i < route.Matches.Length; i++)
            {
                var match = route.Matches[i];
                var specificity = route.Specificity.IsEmpty ? default : route.Specificity[i];
                matches.Add((offset == 0 ? match : match with { Rule = offset + match.Rule }, specificity, matches.Count));
            }
        }

        // The position stands for age, name, rule and match: that is the order in which they were added.
        var isGrpc = routes.Any(static route => !route.Specificity.IsEmpty);
        matches.Sort((left, right) =>
        {
            var order = isGrpc
                ? RoutePrecedence.CompareGrpcMatches((left.Match, left.Specificity), (right.Match, right.Specificity))
                : RoutePrecedence.CompareMatches(left.Match, right.Match);
            return order != 0 ? order : left.Position.CompareTo(right.Position);
        });

        var ordered = new RouteMatch[matches.Count];
        for (var i = 0; i < ordered.Length; i++)
        {
            ordered[i] = matches[i].Match;
        }

        return new RouteTable(rules.DrainToImmutable(), ImmutableCollectionsMarshal.AsImmutableArray(ordered));
    }

    /// <summary>A service every call to which gets the same answer.</summary>
    public static RouteTable Failing(RouteFailure failure) => new(
        [new RouteRule { Backends = BackendSplit.None, Failure = failure }],
        [new RouteMatch { Rule = 0 }]);

    /// <summary>A service that no route is attached to: every call goes to its own endpoints.</summary>
    /// <param name="cluster">The service's own.</param>
    /// <param name="failure">Set where it cannot be used.</param>
    /// <param name="session">What the policy of the service says of sessions.</param>
    /// <param name="retry">What holds where no route says anything of retries.</param>
    public static RouteTable Direct(
        ClusterId cluster, RouteFailure? failure = null, SessionPersistence? session = null, RouteRetry? retry = null) => new(
        [new RouteRule { Backends = new BackendSplit([new BackendModel(cluster, 1, failure) { Session = session }]), Retry = retry }],
        [new RouteMatch { Rule = 0 }]);
}
