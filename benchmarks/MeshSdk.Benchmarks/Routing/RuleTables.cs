using System.Collections.Immutable;
using System.Text.RegularExpressions;
using MeshSdk.Model;
using ValueMatch = MeshSdk.Model.ValueMatch;

namespace MeshSdk.Benchmarks.Routing;

/// <summary>Tables of many rules, in order of precedence, and requests for them.</summary>
internal static class RuleTables
{
    public static ImmutableArray<RouteMatch> Mixed(int count)
    {
        var (exact, headers, patterns) = (count / 5, count * 15 / 100, count / 20);
        return InOrder(
        [
            .. Enumerable.Range(0, exact).Select(static i => On(PathMatchKind.Exact, $"/api/v1/exact/{i}")),
            .. Enumerable.Range(0, count - exact - headers - patterns).Select(static i => On(PathMatchKind.Prefix, $"/api/v{i % 3}/service-{i}")),
            .. Headers(headers),
            .. Patterns(patterns),
        ]);
    }

    /// <summary>Header sets on one path.</summary>
    public static ImmutableArray<RouteMatch> Headers(int count) => InOrder(Enumerable.Range(0, count).Select(static i => On(PathMatchKind.Prefix, "/api/v1/tenants") with
    {
        Headers = [new ValueMatch("x-tenant", $"tenant-{i}"), new ValueMatch("x-version", $"v{i % 3}")],
    }));

    /// <summary>A header of its own for each, on one path.</summary>
    public static ImmutableArray<RouteMatch> Names(int count) => InOrder(Enumerable.Range(0, count).Select(static i => On(PathMatchKind.Prefix, "/api/v1/tenants") with
    {
        Headers = [new ValueMatch($"x-feature-{i}", "on")],
    }));

    /// <summary>Query conditions on one path.</summary>
    public static ImmutableArray<RouteMatch> Queries(int count) => InOrder(Enumerable.Range(0, count).Select(static i => On(PathMatchKind.Prefix, "/api/v1/tenants") with
    {
        Query = [new ValueMatch("tenant", $"tenant {i}"), new ValueMatch("version", $"v{i % 3}")],
    }));

    public static ImmutableArray<RouteMatch> Patterns(int count) => InOrder(Enumerable.Range(0, count).Select(static i => Pattern($"/api/v[0-9]+/orders/[a-z]+/{i:000}")));

    /// <summary>A request that the match takes and none before it; null: one that is like many others and that nothing takes.</summary>
    public static HttpRequestMessage RequestFor(RouteMatch? match)
    {
        if (match is null)
        {
            return new HttpRequestMessage(HttpMethod.Get, "http://backend/api/v1/tenants/42/orders/new?tenant=nobody+1&page=2&sort=name")
            {
                Headers = { { "x-tenant", "nobody" }, { "x-version", "v1" }, { "accept", "application/json" } },
            };
        }

        var path = match.Path.Kind == PathMatchKind.Regex ? match.Path.Value.Replace("[0-9]+", "12").Replace("[a-z]+", "new") : match.Path.Value;
        var query = string.Join('&', match.Query.Select(static q => $"{q.Name}={Uri.EscapeDataString(q.Value)}"));
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend{path}?page=2&{query}") { Headers = { { "accept", "application/json" } } };
        foreach (var header in match.Headers)
        {
            request.Headers.Add(header.Name, header.Value);
        }

        return request;
    }

    private static RouteMatch On(PathMatchKind kind, string path) => new() { Rule = 0, Path = new PathMatch(kind, path) };

    private static RouteMatch Pattern(string pattern) => new()
    {
        Rule = 0,
        Path = new PathMatch(PathMatchKind.Regex, pattern, new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)),
    };

    private static ImmutableArray<RouteMatch> InOrder(IEnumerable<RouteMatch> matches) =>
    [
        .. matches.OrderBy(static m => m.Path.Kind).ThenByDescending(static m => m.Path.Value.Length).Select(static (m, i) => m with { Rule = i }),
    ];
}
