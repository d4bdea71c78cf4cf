using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Routing;
using ValueMatch = MeshSdk.Model.ValueMatch;

namespace MeshSdk.Tests.Compilation;

public sealed class MatchTests
{
    [Theory]
    [InlineData(null, "/", "Prefix", "")]
    [InlineData("PathPrefix", "/a", "Prefix", "/a")]
    [InlineData("PathPrefix", "/a/", "Prefix", "/a")]
    [InlineData("Exact", "/a/", "Exact", "/a/")]
    [InlineData("Exact", "/", "Exact", "/")]
    [InlineData("Exact", "/a%20b", "Exact", "/a%20b")]
    [InlineData("Exact", "/%7Eu", "Exact", "/~u")]
    [InlineData("PathPrefix", "/%41%2d/", "Prefix", "/A-")]
    [InlineData("Exact", "/%c3%a4", "Exact", "/%C3%A4")]
    [InlineData("Exact", "/%3a", "Exact", "/%3a")]
    [InlineData("RegularExpression", "/a.*", "Regex", "/a.*")]
    public void Path_is_compiled(string? type, string value, string kind, string expected)
    {
        var path = Assert.Single(Compile(Given.Path(value, type)).Table.Matches).Path;
        Assert.Equal((kind, expected), (path.Kind.ToString(), path.Value));
    }

    [Theory]
    [InlineData("/%7Eu")]
    [InlineData("/%c3%a4")]
    [InlineData("/%C3%A4%20%25")]
    [InlineData("/%3a%3A%21")]
    [InlineData("/a%2E%2E/%5f")]
    [InlineData("/%ff")]
    public void A_path_with_escapes_matches_the_request_that_is_written_so(string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://a{value}");
        foreach (var type in new[] { "Exact", "PathPrefix" })
        {
            Assert.Equal(0, RouteMatcher.Match(Compile(Given.Path(value, type)).Table, request));
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("")]
    [InlineData("/a//b")]
    [InlineData("/a/./b")]
    [InlineData("/a/../b")]
    [InlineData("/a/..")]
    [InlineData("/a/.")]
    [InlineData("/a/%2E/b")]
    [InlineData("/a/%2e.")]
    [InlineData("/a%2fb")]
    [InlineData("/a%2Fb")]
    [InlineData("/a#b")]
    [InlineData("/a?b")]
    [InlineData("/a b")]
    [InlineData("/a%2")]
    [InlineData("/ü")]
    public void Invalid_path_never_matches(string value)
    {
        foreach (var type in new[] { "Exact", "PathPrefix" })
        {
            var (table, diagnostics) = Compile(Given.Path(value, type));
            Assert.Empty(table.Matches);
            Assert.Equal(["Error UnsupportedValue spec.rules[0].matches[0].path.value", "Error PartiallyInvalid spec.rules[0]"], diagnostics.Codes());
        }
    }

    [Theory]
    [InlineData("/a|/b", "/b", true)]
    [InlineData("/a|/b", "/bc", false)]
    [InlineData("/a|/b", "x/a", false)]
    [InlineData("/a.*", "/abc", true)]
    [InlineData("a", "/a", false)]
    [InlineData("/a", "/a\n", false)]
    public void Pattern_must_match_the_whole(string pattern, string path, bool expected) =>
        Assert.Equal(expected, Compile(Given.Path(pattern, "RegularExpression")).Table.Matches[0].Path.Pattern!.IsMatch(path));

    [Theory]
    [InlineData("(")]
    [InlineData("a)(b")]
    [InlineData("(?=a)")]
    [InlineData("(a)\\1")]
    [InlineData("(?<!a)b")]
    public void Pattern_that_the_engine_refuses_never_matches(string pattern)
    {
        var (table, diagnostics) = Compile(
            new HttpRouteMatch { Headers = [Given.Value("x", pattern, "RegularExpression")] }, Given.Path("/ok"));
        Assert.Equal([1], table.Matches.Select(match => match.Index));
        Assert.Equal(["Error UnsupportedValue spec.rules[0].matches[0].headers[0].value"], diagnostics.Codes());
    }

    [Fact]
    public void Rule_without_any_usable_match_is_dropped_and_others_stay()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"),
            Given.Route(
                "r", "a",
                Given.Rule(Given.Path("(", "RegularExpression"), Given.Backend("a")),
                Given.Rule(Given.Path("/ok"), Given.Backend("a"))));
        var table = snapshot.Frontend("a").Routes;
        Assert.Equal([1], table.Rules.Select(rule => rule.Index));
        Assert.Equal([(0, 0)], table.Matches.Select(match => (match.Rule, match.Index!.Value)));
        Assert.StartsWith(
            "Dropped Rule", snapshot.AllDiagnostics().Single(d => d.Code == "PartiallyInvalid").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Route_that_lost_all_rules_still_replaces_the_service()
    {
        var frontend = Given.Snapshot(Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Path("x"), Given.Backend("a")))).Frontend("a");
        Assert.Equal(RouteScope.Producer, frontend.Scope);
        Assert.Empty(frontend.Routes.Matches);
    }

    public static TheoryData<object, string> Unknown => new()
    {
        { Given.Path("/", "Glob"), "path.type" },
        { new HttpRouteMatch { Headers = [Given.Value("x", type: "Glob")] }, "headers[0].type" },
        { new HttpRouteMatch { QueryParams = [Given.Value("y"), Given.Value("x", type: "Glob")] }, "queryParams[1].type" },
        { new HttpRouteMatch { Headers = [Given.Value("")] }, "headers[0].name" },
        { new HttpRouteMatch { Headers = [Given.Value("a b")] }, "headers[0].name" },
        { new HttpRouteMatch { Method = "get" }, "method" },
    };

    [Theory]
    [MemberData(nameof(Unknown))]
    public void Condition_that_is_not_understood_never_matches(object match, string field)
    {
        var (table, diagnostics) = Compile((HttpRouteMatch)match, Given.Path("/ok"));
        Assert.Equal([1], table.Matches.Select(compiled => compiled.Index));
        Assert.Equal([$"Error UnsupportedValue spec.rules[0].matches[0].{field}"], diagnostics.Codes());
    }

    [Fact]
    public void First_of_equal_names_counts()
    {
        var (table, diagnostics) = Compile(new HttpRouteMatch
        {
            Headers = [Given.Value("X", "1"), Given.Value("x", "2")],
            QueryParams = [Given.Value("q", "1"), Given.Value("q", "2"), Given.Value("Q", "3")],
        });
        Assert.Equal([new ValueMatch("X", "1")], table.Matches[0].Headers);
        Assert.Equal([new ValueMatch("q", "1"), new ValueMatch("Q", "3")], table.Matches[0].Query);
        Assert.Equal(
            ["Warning Ignored spec.rules[0].matches[0].headers[1]", "Warning Ignored spec.rules[0].matches[0].queryParams[1]"], diagnostics.Codes());
    }

    [Theory]
    [InlineData("[0-9]+", "123", true)]
    [InlineData("[0-9]+", "123x", false)]
    public void Header_pattern_must_match_the_whole_value(string pattern, string value, bool expected)
    {
        var match = Compile(new HttpRouteMatch { Headers = [Given.Value("x", pattern, "RegularExpression")] }).Table.Matches[0];
        Assert.Equal(expected, match.Headers[0].Pattern!.IsMatch(value));
    }

    private static (RouteTable Table, MeshDiagnostic[] Diagnostics) Compile(params HttpRouteMatch[] matches)
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Route("r", "a", new HttpRouteRule { Matches = [.. matches], BackendRefs = [Given.Backend("a")] }));
        return (snapshot.Frontend("a").Routes, [.. snapshot.AllDiagnostics()]);
    }
}
