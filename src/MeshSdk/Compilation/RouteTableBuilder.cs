using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MeshSdk.Model;

namespace MeshSdk.Compilation;

/// <summary>Merges the routes of one frontend into one list of matches, in the order in which they are tried.</summary>
internal static class RouteTableBuilder
{
    /// <param name="routes">In order of precedence among themselves.</param>
    public static RouteTable Build(IReadOnlyList<CompiledRoute> routes)
    {
        var rules = ImmutableArray.CreateBuilder<RouteRule>();
        var matches = new List<(RouteMatch Match, int Position)>();
        foreach (var route in routes)
        {
            var offset = rules.Count;
            rules.AddRange(route.Rules);
            foreach (var match in route.Matches)
            {
                matches.Add((offset == 0 ? match : match with { Rule = offset + match.Rule }, matches.Count));
            }
        }

        // The position stands for age, name, rule and match: that is the order in which they were added.
        matches.Sort(static (left, right) =>
        {
            var order = RoutePrecedence.CompareMatches(left.Match, right.Match);
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
    public static RouteTable Direct(ClusterId cluster, RouteFailure? failure = null) => new(
        [new RouteRule { Backends = new BackendSplit([new BackendModel(cluster, 1, failure)]) }],
        [new RouteMatch { Rule = 0 }]);
}
