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

    /// <summary>A service that no route is attached to: every call goes to its own endpoints.</summary>
    public static RouteTable Direct(ClusterId cluster) => new(
        [new RouteRule { Backends = new BackendSplit([new BackendModel(cluster, 1)]) }],
        [new RouteMatch { Rule = 0 }]);
}
