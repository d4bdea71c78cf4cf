using CsCheck;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class PrecedenceTests
{
    public static TheoryData<string, object, object> FirstBeatsSecond => new()
    {
        { "exact beats prefix", Given.Path("/a", "Exact"), Given.Path("/a/much/longer") },
        { "prefix beats pattern", Given.Path("/"), Given.Path("/a/.*", "RegularExpression") },
        { "exact beats pattern", Given.Path("/a", "Exact"), Given.Path("/a/.*", "RegularExpression") },
        { "longer prefix beats shorter", Given.Path("/a/b"), Given.Path("/a") },
        { "longer pattern beats shorter", Given.Path("/a/.*", "RegularExpression"), Given.Path("/.*", "RegularExpression") },
        { "path beats method", Given.Path("/path5"), new HttpRouteMatch { Method = "PATCH" } },
        { "path beats header", Given.Path("/v2"), new HttpRouteMatch { Headers = [Given.Value("version")] } },
        { "path beats query", Given.Path("/path5"), new HttpRouteMatch { QueryParams = [Given.Value("animal")] } },
        { "method beats header", new HttpRouteMatch { Method = "PATCH" }, new HttpRouteMatch { Headers = [Given.Value("a"), Given.Value("b")] } },
        { "method beats query", new HttpRouteMatch { Method = "GET" }, new HttpRouteMatch { QueryParams = [Given.Value("a")] } },
        { "header beats query", new HttpRouteMatch { Headers = [Given.Value("a")] }, new HttpRouteMatch { QueryParams = [Given.Value("a"), Given.Value("b")] } },
        {
            "two headers beat one",
            new HttpRouteMatch { Headers = [Given.Value("version"), Given.Value("color")] },
            new HttpRouteMatch { Headers = [Given.Value("version")] }
        },
        {
            "two query parameters beat one",
            new HttpRouteMatch { QueryParams = [Given.Value("a"), Given.Value("b")] },
            new HttpRouteMatch { QueryParams = [Given.Value("a")] }
        },
        { "no path means the root prefix", new HttpRouteMatch { Headers = [Given.Value("a")] }, Given.Path("/") },
    };

    [Theory]
    [MemberData(nameof(FirstBeatsSecond))]
    public void More_specific_match_comes_first_wherever_it_stands(string rule, object first, object second)
    {
        Assert.NotEmpty(rule);
        Assert.Equal([(0, 0), (1, 0)], Order(Given.Rule((HttpRouteMatch)first), Given.Rule((HttpRouteMatch)second)));
        Assert.Equal([(1, 0), (0, 0)], Order(Given.Rule((HttpRouteMatch)second), Given.Rule((HttpRouteMatch)first)));
    }

    [Fact]
    public void Repeated_header_names_count_once()
    {
        var repeated = new HttpRouteMatch { Headers = [Given.Value("A", "1"), Given.Value("a", "2"), Given.Value("a", "3")] };
        var two = new HttpRouteMatch { Headers = [Given.Value("a"), Given.Value("b")] };
        Assert.Equal([(1, 0), (0, 0)], Order(Given.Rule(repeated), Given.Rule(two)));
    }

    [Fact]
    public void Trailing_slash_does_not_rank()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Path("/match")), Given.Rule(Given.Path("/match/"))));
        var table = snapshot.Frontend("a").Routes;
        Assert.Equal([0, 1], table.Matches.Select(match => match.Rule));
        Assert.All(table.Matches, match => Assert.Equal(new PathMatch(PathMatchKind.Prefix, "/match"), match.Path));
    }

    [Fact]
    public void Older_route_wins_a_tie() =>
        Assert.Equal(["z", "a"], OrderOfRoutes(Tie("a").CreatedAt(2), Tie("z").CreatedAt(1)));

    [Theory]
    [InlineData(null, null)]
    [InlineData(1, 1)]
    public void Name_decides_between_routes_of_one_age(int? first, int? second) =>
        Assert.Equal(["a", "b"], OrderOfRoutes(At(Tie("b"), first), At(Tie("a"), second)));

    [Fact]
    public void Route_without_a_time_is_the_oldest() =>
        Assert.Equal(["z", "a"], OrderOfRoutes(Tie("a").CreatedAt(1), Tie("z")));

    [Fact]
    public void Names_compare_as_one_string() =>
        Assert.True(RoutePrecedence.CompareRoutes(Tie("a-b/x"), Tie("a/x")) < 0);

    [Fact]
    public void Rule_and_match_positions_decide_last() =>
        Assert.Equal(
            [(0, 0), (0, 1), (1, 0)],
            Order(new HttpRouteRule { Matches = [Given.Path("/a"), Given.Path("/b")] }, Given.Rule(Given.Path("/c"))));

    [Fact]
    public void Order_does_not_depend_on_the_order_of_arrival() =>
        Check.Sample(
            Gen.Select(RandomRoutes.Routes, Gen.Int),
            (routes, seed) =>
            {
                var shuffled = routes.ToArray();
                new Random(seed).Shuffle(shuffled);
                Assert.Equal(Print(routes), Print(shuffled));
            },
            iter: 200);

    [Fact]
    public void Matches_are_in_a_total_order() => Check.Sample(
        RandomRoutes.Routes,
        static routes =>
        {
            RouteMatch[] matches = [.. Given.Snapshot([Given.Service("a"), Given.Service("b"), .. routes]).Services.Values
                .SelectMany(static s => s.Frontends).SelectMany(static f => f.Routes.Matches)];
            foreach (var x in matches)
            {
                foreach (var y in matches)
                {
                    var order = Math.Sign(RoutePrecedence.CompareMatches(x, y));
                    Assert.Equal(-order, Math.Sign(RoutePrecedence.CompareMatches(y, x)));
                    Assert.All(
                        matches.Where(z => Math.Sign(RoutePrecedence.CompareMatches(y, z)) == order),
                        z => Assert.Equal(order, Math.Sign(RoutePrecedence.CompareMatches(x, z))));
                }
            }
        },
        iter: 100);

    private static string Print(HttpRoute[] routes) =>
        SnapshotWriter.Write(Given.Snapshot([Given.Service("a"), Given.Service("b"), .. routes]));

    private static HttpRoute Tie(string name) => Given.Route(name, "a", Given.Rule(Given.Path("/x")));

    private static HttpRoute At(HttpRoute route, int? second) => second is { } value ? route.CreatedAt(value) : route;

    private static IEnumerable<string> OrderOfRoutes(params HttpRoute[] routes)
    {
        var table = Given.Snapshot([Given.Service("a"), .. routes]).Frontend("a").Routes;
        return table.Matches.Select(match => table.Rules[match.Rule].Route!.Name);
    }

    private static IEnumerable<(int Rule, int? Match)> Order(params HttpRouteRule[] rules)
    {
        var table = Given.Snapshot(Given.Service("a"), Given.Route("r", "a", rules)).Frontend("a").Routes;
        return table.Matches.Select(match => (table.Rules[match.Rule].Index, match.Index));
    }
}
