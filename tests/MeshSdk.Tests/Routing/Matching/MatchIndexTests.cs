using System.Collections.Immutable;
using System.Text.RegularExpressions;
using CsCheck;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Routing.Matching;
using MeshSdk.Tests.Fixtures;
using ValueMatch = MeshSdk.Model.ValueMatch;

namespace MeshSdk.Tests.Routing.Matching;

public sealed class MatchIndexTests
{
    private static readonly string[] Elements = ["a", "b", "ab", "A", "", "%41", "c"];

    private static readonly string[] ManyNames = [.. Enumerable.Range(0, 25).Select(static i => $"{(i % 2 == 0 ? "x" : "X")}-{i}"), "host", "content-language", "accept"];

    private static readonly Dictionary<string, Regex> Patterns =
        new[] { "/a", "/a/.*", "/[ab]+", ".*", "/a(/b)?", "/ab?", "/a|/b", "v[0-9]", "[12]+", "", "1|2", "/.*/c" }
            .ToDictionary(static p => p, static p => new Regex($@"\A(?:{p})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    private static readonly Gen<string> Text =
        OneOf.These(Elements).Array[0, 4].Select(static elements => string.Concat(elements.Select(static e => $"/{e}")));

    private static readonly Gen<PathMatch> Path = Gen.OneOf(
        Text.Select(static text => new PathMatch(PathMatchKind.Exact, text)),
        Text.Select(static text => new PathMatch(PathMatchKind.Prefix, text)),
        Text.Select(static text => new PathMatch(PathMatchKind.Prefix, text.TrimEnd('/'))),
        Gen.Const(PathMatch.Any),
        OneOf.These(Patterns.Keys.ToArray()).Select(static pattern => new PathMatch(PathMatchKind.Regex, pattern, Patterns[pattern])));

    private static readonly Gen<ImmutableArray<ValueMatch>> Conditions = Gen.Select(
        OneOf.These("x", "X", "y", "content-type", "host"),
        OneOf.These("1", "2", "1 2", "", "a,b", "text/plain", "backend", "[12]+", "1|2"),
        static (name, value) => new ValueMatch(name, value, Patterns.GetValueOrDefault(value is "" ? "none" : value))).Array[0, 3].Select(static values => values.ToImmutableArray());

    private static readonly Gen<RouteMatch> Match = Gen.Select(
        Path, OneOf.These<string?>(null, null, "GET", "POST"), Gen.OneOf(Gen.Const(ImmutableArray<ValueMatch>.Empty), Conditions),
        Gen.OneOf(Gen.Const(ImmutableArray<ValueMatch>.Empty), Conditions),
        static (path, method, headers, query) => new RouteMatch { Rule = 0, Path = path, Method = method, Headers = headers, Query = query });

    // Few paths, so that many conditions meet on one of them.
    private static readonly Gen<RouteMatch[]> Matches = Gen.OneOf(
        Match.Array[0, 60],
        Gen.Select(Match.Array[0, 60], Path, static (matches, path) => matches.Select(m => m with { Path = path }).ToArray()));

    private static readonly Gen<HttpRequestMessage> Request = Gen.Select(
        Text, OneOf.These("", "/"),
        OneOf.These("", "?", "?x=1", "?x=2&x=1", "?y=1+2&x=%31", "?X=1", "?x", "?x=1%2&y=%e4", "?%78=1&y=a%2Cb&&="),
        OneOf.These("GET", "POST"),
        OneOf.These("", "x: 1", "x: 2", "x: 1 2", "x: ", "x: a|b", "y: 1", "y: 1;x: 2", "host: 1"),
        Gen.Bool,
        static (path, slash, query, method, headers, hasContent) =>
        {
            var request = new HttpRequestMessage(new HttpMethod(method), $"http://backend{path}{slash}{query}");
            foreach (var header in headers.Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                var (name, value) = (header[..header.IndexOf(':')], header[(header.IndexOf(':') + 2)..]);
                Assert.True(request.Headers.TryAddWithoutValidation(name, value.Split('|')));
            }

            request.Content = hasContent ? new StringContent("", null, "text/plain") { Headers = { ContentType = new("text/plain") } } : null;
            return request;
        });

    [Fact]
    public void It_finds_what_looking_at_one_after_the_other_finds() => Gen.Select(Matches, Request.Array[1, 10]).Sample(
        static (matches, requests) =>
        {
            var table = new RouteTable([], [.. matches]);
            var index = new MatchIndex(table.Matches);
            foreach (var request in requests)
            {
                using (request)
                {
                    Assert.Equal(RouteMatcher.Match(table, request), index.Find(request));
                }
            }
        },
        iter: 2000,
        print: static t => string.Join('\n', [.. t.Item1.Select(static m => $"{m.Path.Kind} {m.Path.Value} {m.Method} {string.Join(", ", m.Headers)} ? {string.Join(", ", m.Query)}"), .. t.Item2.Select(static r => $"{r.Method} {r.RequestUri}")]));

    // Many names, few of which a request has; some of them typed, some of the content.
    [Fact]
    public void It_finds_it_among_conditions_on_many_headers_too() => Gen.Select(
        Gen.Select(OneOf.These(ManyNames), OneOf.These(ManyNames), OneOf.These("1", "2", "[12]+"), Gen.Bool, static (name, other, value, isOne) => new RouteMatch
        {
            Rule = 0,
            Headers = isOne ? [new ValueMatch(name, value, Patterns.GetValueOrDefault(value))] : [new ValueMatch(other, "1"), new ValueMatch(name, value, Patterns.GetValueOrDefault(value))],
        }).Array[13, 80],
        OneOf.These(ManyNames).Array[0, 5],
        OneOf.These("1", "2")).Sample(static (matches, names, value) =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/") { Content = new ByteArrayContent([]) };
        foreach (var name in names)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || request.Content.Headers.TryAddWithoutValidation(name, value));
        }

        var table = new RouteTable([], [.. matches]);
        Assert.Equal(RouteMatcher.Match(table, request), new MatchIndex(table.Matches).Find(request));
    }, iter: 1500);

    // A new kind of path must not be taken for one that it is not.
    [Fact]
    public void A_kind_of_path_that_it_does_not_know_is_left_to_the_matcher()
    {
        var unknown = new PathMatch((PathMatchKind)99, "/a|b", Patterns["/a/.*"]);
        var table = new RouteTable([], [new RouteMatch { Rule = 0, Path = unknown }, new RouteMatch { Rule = 1 }]);
        foreach (var (uri, expected) in new[] { ("http://backend/a/x", 0), ("http://backend/b", 1) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            Assert.Equal(expected, RouteMatcher.Match(table, request));
            Assert.Equal(expected, new MatchIndex(table.Matches).Find(request));
        }
    }

    [Theory]
    [InlineData("/exact/17", "", 17)]
    [InlineData("/prefix/42/x/y", "", 200 + 42)]
    [InlineData("/prefix/599", "", 200 + 599)]
    [InlineData("/tenants", "t17", 800 + 17)]
    [InlineData("/tenants", "t149", 800 + 149)]
    [InlineData("/tenants", "nobody", RouteMatcher.NoMatch)]
    [InlineData("/re/12/x49", "", 950 + 49)]
    [InlineData("/re/none/x49", "", RouteMatcher.NoMatch)]
    [InlineData("/nothing/of/this", "t1", RouteMatcher.NoMatch)]
    public void A_decision_among_a_thousand_rules_allocates_nothing(string path, string tenant, int expected)
    {
        var index = new MatchIndex(Thousand());
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend{path}?page=1&q=a%20b") { Headers = { { "x-tenant", tenant } } };
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(expected, index.Find(request));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
        {
            index.Find(request);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_parameter_with_escapes_is_found_without_allocating()
    {
        ImmutableArray<RouteMatch> matches =
            [.. Enumerable.Range(0, 100).Select(static i => new RouteMatch { Rule = i, Query = [new ValueMatch("name", $"n {i}")] })];
        var index = new MatchIndex(matches);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/?page=1&name=n%2077");
        Assert.Equal(77, index.Find(request));

        var before = GC.GetAllocatedBytesForCurrentThread();
        index.Find(request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Many_parameters_and_long_ones_are_read_too()
    {
        var table = new RouteTable([], [.. Enumerable.Range(0, 30).Select(static i => new RouteMatch { Rule = i, Query = [new ValueMatch("last", $"+{i}")] })]);
        var many = string.Join('&', Enumerable.Range(0, 500).Select(static i => $"p{i}={new string('x', i)}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend/?{many}&last=%2B29");

        Assert.Equal(29, new MatchIndex(table.Matches).Find(request));
    }

    private static ImmutableArray<RouteMatch> Thousand() =>
    [
        .. Enumerable.Range(0, 200).Select(static i => new RouteMatch { Rule = i, Path = new(PathMatchKind.Exact, $"/exact/{i}") }),
        .. Enumerable.Range(0, 600).Select(static i => new RouteMatch { Rule = 200 + i, Path = new(PathMatchKind.Prefix, $"/prefix/{i}") }),
        .. Enumerable.Range(0, 150).Select(static i => new RouteMatch
        {
            Rule = 800 + i, Path = new(PathMatchKind.Prefix, "/tenants"), Headers = [new ValueMatch("X-Tenant", $"t{i}")],
        }),
        .. Enumerable.Range(0, 50).Select(static i => new RouteMatch
        {
            Rule = 950 + i,
            Path = new(PathMatchKind.Regex, $"/re/[0-9]+/x{i}", new Regex($@"\A(?:/re/[0-9]+/x{i})\z", RegexOptions.NonBacktracking)),
        }),
    ];
}
