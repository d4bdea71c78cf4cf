using System.Text.RegularExpressions;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Tests.Fixtures;
using ValueMatch = MeshSdk.Model.ValueMatch;

namespace MeshSdk.Tests.Routing;

public sealed class RouteMatcherTests
{
    private static Regex Anchored(string pattern) => new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant);

    private static bool Matches(RouteMatch match, HttpRequestMessage request) =>
        RouteMatcher.Match(Snapshots.Table(Snapshots.Rule(("backend", 1)), match), request) == 0;

    [Theory]
    [InlineData("Exact", "/v2", "/v2", true)]
    [InlineData("Exact", "/v2", "/v2?q=1", true)]
    [InlineData("Exact", "/v2", "/v2/", false)]
    [InlineData("Exact", "/v2", "/V2", false)]
    [InlineData("Exact", "/v2", "/v2/x", false)]
    [InlineData("Exact", "/", "", true)]
    [InlineData("Exact", "/a%2Fb", "/a%2Fb", true)]
    [InlineData("Exact", "/a/b", "/a%2Fb", false)]
    [InlineData("Prefix", "", "/anything", true)]
    [InlineData("Prefix", "", "", true)]
    [InlineData("Prefix", "/v2", "/v2", true)]
    [InlineData("Prefix", "/v2", "/v2/", true)]
    [InlineData("Prefix", "/v2", "/v2/example", true)]
    [InlineData("Prefix", "/v2", "/v2?q=/v3", true)]
    [InlineData("Prefix", "/v2", "/v2example", false)]
    [InlineData("Prefix", "/v2", "/V2", false)]
    [InlineData("Prefix", "/v2", "/v", false)]
    [InlineData("Prefix", "/v2", "/x/v2", false)]
    [InlineData("Prefix", "/a/b", "/a/bc", false)]
    [InlineData("Prefix", "/a/b", "/a/b/c", true)]
    [InlineData("Regex", "/v[0-9]+", "/v12", true)]
    [InlineData("Regex", "/v[0-9]+", "/v12/x", false)]
    [InlineData("Regex", "/v[0-9]+", "/x/v12", false)]
    [InlineData("Regex", "/a|/b", "/bc", false)]
    [InlineData("Regex", "/v[0-9]+", "/v12?x=1", true)]
    public void Paths(string kind, string value, string target, bool expected)
    {
        var path = new PathMatch(Enum.Parse<PathMatchKind>(kind), value, kind == "Regex" ? Anchored(value) : null);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend{target}");

        Assert.Equal(expected, Matches(new RouteMatch { Rule = 0, Path = path }, request));
    }

    [Theory]
    [InlineData("GET", "GET", true)]
    [InlineData("GET", "POST", false)]
    [InlineData("PATCH", "patch", false)]
    [InlineData("PURGE", "PURGE", true)]
    public void Methods(string condition, string method, bool expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://backend/");

        Assert.Equal(expected, Matches(new RouteMatch { Rule = 0, Method = condition }, request));
    }

    [Theory]
    [InlineData("x-group", "canary", true)]
    [InlineData("X-GROUP", "canary", true)]
    [InlineData("x-group", "Canary", false)]
    [InlineData("x-group", "can", false)]
    [InlineData("x-missing", "", false)]
    [InlineData("x-empty", "", true)]
    [InlineData("x-twice", "a,b", true)]
    [InlineData("x-twice", "a", false)]
    [InlineData("x-list", "a, b", true)]
    [InlineData("cookie", "a=1; b=2", true)]
    [InlineData("content-type", "text/plain; charset=utf-8", true)]
    [InlineData("content-language", "de", true)]
    [InlineData("user-agent", "odd (agent", true)] // does not parse
    [InlineData("host", "backend:8080", true)]
    [InlineData("Host", "backend", false)]
    public void Headers(string name, string value, bool expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend:8080/") { Content = new StringContent("body") };
        request.Content.Headers.Add("Content-Language", "de");
        foreach (var (header, values) in new (string, string[])[]
        {
            ("X-Group", ["canary"]), ("X-Empty", [""]), ("X-Twice", ["a", "b"]), ("X-List", ["a, b"]), ("Cookie", ["a=1", "b=2"]),
            ("User-Agent", ["odd (agent"]),
        })
        {
            Assert.True(request.Headers.TryAddWithoutValidation(header, values));
        }

        Assert.Equal(expected, Matches(new RouteMatch { Rule = 0, Headers = [new ValueMatch(name, value)] }, request));
    }

    [Fact]
    public void A_User_Agent_of_several_parts_is_matched_as_it_is_sent()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        request.Headers.UserAgent.ParseAdd("app/1.0 (linux) lib/2.0");

        Assert.True(Matches(new RouteMatch { Rule = 0, Headers = [new ValueMatch("user-agent", "app/1.0 (linux) lib/2.0")] }, request));
    }

    [Fact]
    public void The_Host_that_the_caller_set_counts()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { Host = "chosen.example" } };

        Assert.True(Matches(new RouteMatch { Rule = 0, Headers = [new ValueMatch("host", "chosen.example")] }, request));
        Assert.False(Matches(new RouteMatch { Rule = 0, Headers = [new ValueMatch("host", "backend")] }, request));
    }

    [Theory]
    [InlineData("a", "1", "?a=1", true)]
    [InlineData("a", "1", "?b=2&a=1", true)]
    [InlineData("a", "1", "?a=2&a=1", false)] // the first one counts
    [InlineData("a", "1", "?a=1&a=2", true)]
    [InlineData("a", "1", "", false)]
    [InlineData("a", "1", "?", false)]
    [InlineData("a", "", "?a", true)]
    [InlineData("a", "", "?a=", true)]
    [InlineData("a", "", "?b", false)]
    [InlineData("A", "1", "?a=1", false)]
    [InlineData("a", "x y", "?a=x+y", true)]
    [InlineData("a", "x y", "?a=x%20y", true)]
    [InlineData("a", "x+y", "?a=x%2By", true)]
    [InlineData("a b", "1", "?a+b=1", true)]
    [InlineData("a", "ä&=", "?a=%C3%A4%26%3D", true)]
    [InlineData("a", "1=2", "?a=1=2", true)]
    [InlineData("a", "1", "?&&a=1&", true)]
    [InlineData("a", "1", "?b=%26a=1", false)]
    public void Queries(string name, string value, string query, bool expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend/{query}");

        Assert.Equal(expected, Matches(new RouteMatch { Rule = 0, Query = [new ValueMatch(name, value)] }, request));
    }

    [Fact]
    public void Patterns_match_whole_values()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/?a=12x") { Headers = { { "X-Version", "v12" } } };
        RouteMatch With(string header, string query) => new()
        {
            Rule = 0,
            Headers = [new ValueMatch("x-version", header, Anchored(header))],
            Query = [new ValueMatch("a", query, Anchored(query))],
        };

        Assert.True(Matches(With("v[0-9]+", "[0-9]+x"), request));
        Assert.False(Matches(With("v[0-9]", "[0-9]+x"), request));
        Assert.False(Matches(With("v[0-9]+", "[0-9]+"), request));
    }

    [Fact]
    public void All_conditions_must_hold_and_the_first_match_decides()
    {
        var table = new RouteTable(
            [Snapshots.Rule(("v2", 1)), Snapshots.Rule(("v1", 1))],
            [
                new RouteMatch { Rule = 0, Method = "GET", Headers = [new ValueMatch("a", "1"), new ValueMatch("b", "2")] },
                new RouteMatch { Rule = 1, Method = "GET" },
                new RouteMatch { Rule = 0, Method = "GET" },
            ]);
        using var both = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { { "a", "1" }, { "b", "2" } } };
        using var one = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { { "a", "1" } } };
        using var none = new HttpRequestMessage(HttpMethod.Post, "http://backend/");

        Assert.Equal(0, RouteMatcher.Match(table, both));
        Assert.Equal(1, RouteMatcher.Match(table, one));
        Assert.Equal(RouteMatcher.NoMatch, RouteMatcher.Match(table, none));
    }
}
