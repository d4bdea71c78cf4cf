using MeshSdk.Compilation.Filters;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Filters;

public sealed class FilterCompilerTests
{
    private const string Path = "spec.rules[0].filters[0]";

    [Fact]
    public void Header_names_are_taken_once_whatever_their_case()
    {
        var (filters, diagnostics) = Compile(Request(new()
        {
            Set = [new() { Name = "X-A", Value = "1" }, new() { Name = "x-a", Value = "2" }],
            Add = [new() { Name = "X-B", Value = " 3 " }],
            Remove = ["X-C", "x-C"],
        }));

        var filter = Assert.IsType<HeaderFilter>(Assert.Single(filters));
        Assert.Equal([new HeaderValue("X-A", "1")], filter.Set);
        Assert.Equal([new HeaderValue("X-B", "3")], filter.Add);
        Assert.Equal(["X-C"], filter.Remove);
        Assert.Equal(
            [$"Warning Duplicate {Path}.requestHeaderModifier.set[1]", $"Warning Duplicate {Path}.requestHeaderModifier.remove[1]"], diagnostics.Codes());
    }

    [Fact]
    public void A_header_has_one_action() => AssertFails(
        Request(new() { Set = [new() { Name = "X-A", Value = "1" }], Remove = ["x-a"] }), ".requestHeaderModifier.remove[0]");

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("transfer-encoding")]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Connection")]
    [InlineData("TE")]
    [InlineData("Trailer")]
    [InlineData("Upgrade")]
    [InlineData("HTTP2-Settings")]
    [InlineData(":path")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\r\nInjected")]
    [InlineData("ä")]
    public void What_frames_the_message_and_what_is_no_name_is_not_touched(string name)
    {
        AssertFails(Request(new() { Set = [new() { Name = name, Value = "1" }] }), ".requestHeaderModifier.set[0].name");
        AssertFails(Request(new() { Add = [new() { Name = name, Value = "1" }] }), ".requestHeaderModifier.add[0].name");
        AssertFails(Response(new() { Set = [new() { Name = name, Value = "1" }] }), ".responseHeaderModifier.set[0].name");
        AssertFails(Response(new() { Remove = [name] }), ".responseHeaderModifier.remove[0]");
    }

    [Theory]
    [InlineData("a\r\nInjected: 1", true)]
    [InlineData("a\nb", true)]
    [InlineData("a\0", true)]
    [InlineData("\u007f", true)]
    [InlineData("grün", false)]
    public void A_value_is_one_line_and_in_requests_ASCII(string value, bool inResponsesToo)
    {
        AssertFails(Request(new() { Set = [new() { Name = "X", Value = value }] }), ".requestHeaderModifier.set[0].value");
        if (inResponsesToo)
        {
            AssertFails(Response(new() { Add = [new() { Name = "X", Value = value }] }), ".responseHeaderModifier.add[0].value");
        }
        else
        {
            Assert.Empty(Compile(Response(new() { Add = [new() { Name = "X", Value = value }] })).Diagnostics);
        }
    }

    [Fact]
    public void There_are_at_most_sixteen_of_each() => AssertFails(
        Request(new() { Add = [.. Enumerable.Range(0, 17).Select(static i => new HttpHeaderValue { Name = $"X-{i}", Value = "1" })] }), ".requestHeaderModifier.add");

    [Fact]
    public void To_set_Host_is_a_rewrite()
    {
        var (filters, diagnostics) = Compile(Request(new() { Set = [new() { Name = "host", Value = "a.example:8080" }, new() { Name = "X", Value = "1" }] }));

        Assert.Empty(diagnostics);
        Assert.Equal(new RewriteFilter("a.example:8080", null), filters[0]);
        Assert.Equal("X", Assert.Single(Assert.IsType<HeaderFilter>(filters[1]).Set).Name);
        AssertFails(Request(new() { Add = [new() { Name = "Host", Value = "a" }] }), ".requestHeaderModifier.add[0].name");
        AssertFails(Request(new() { Remove = ["Host"] }), ".requestHeaderModifier.remove[0]");
        AssertFails(Request(new() { Set = [new() { Name = "Host", Value = "a b" }] }), ".requestHeaderModifier.set");
    }

    [Theory]
    [InlineData("ftp", null, null, null, ".scheme")]
    [InlineData(null, "*.example", null, null, ".hostname")]
    [InlineData(null, "", null, null, ".hostname")]
    [InlineData(null, "a:80", null, null, ".hostname")]
    [InlineData(null, null, 0, null, ".port")]
    [InlineData(null, null, 65536, null, ".port")]
    [InlineData(null, null, null, 200, ".statusCode")]
    [InlineData(null, null, null, 305, ".statusCode")]
    public void A_redirect_that_cannot_be_given_fails(string? scheme, string? host, int? port, int? status, string field) => AssertFails(
        new() { Type = "RequestRedirect", RequestRedirect = new() { Scheme = scheme, Hostname = host, Port = port, StatusCode = status } }, $".requestRedirect{field}");

    [Theory]
    [InlineData("ReplaceFullPath", "/a?b", ".replaceFullPath")]
    [InlineData("ReplaceFullPath", "/a b", ".replaceFullPath")]
    [InlineData("ReplaceFullPath", "/a\r\nb", ".replaceFullPath")]
    [InlineData("ReplaceFullPath", "/%2", ".replaceFullPath")]
    [InlineData("ReplacePrefixMatch", "/ä", ".replacePrefixMatch")]
    [InlineData("ReplacePrefixMatch", null, "")]
    [InlineData("Regex", "/a", ".type")]
    public void A_path_that_cannot_be_sent_fails(string type, string? value, string field)
    {
        var path = new HttpPathModifier { Type = type, ReplaceFullPath = type == "ReplaceFullPath" ? value : null, ReplacePrefixMatch = type == "ReplacePrefixMatch" ? value : null };
        AssertFails(new() { Type = "URLRewrite", UrlRewrite = new() { Path = path } }, $".urlRewrite.path{field}");
        AssertFails(new() { Type = "RequestRedirect", RequestRedirect = new() { Path = path } }, $".requestRedirect.path{field}");
    }

    public static TheoryData<object, string?> Prefixes => new()
    {
        { Array.Empty<HttpRouteMatch>(), "" },
        { new[] { Given.Path("/foo/") }, "/foo" },
        { new[] { Given.Path("/%7Efoo/") }, "/~foo" },
        { new[] { new HttpRouteMatch { Method = "GET" } }, "" },
        { new[] { Given.Path("/foo", "Exact") }, null },
        { new[] { Given.Path("/foo", "RegularExpression") }, null },
        { new[] { Given.Path("/foo"), Given.Path("/bar") }, null },
    };

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void A_prefix_is_replaced_where_the_rule_matches_one(object matches, string? prefix)
    {
        var filter = new HttpRouteFilter { Type = "URLRewrite", UrlRewrite = new() { Path = new() { Type = "ReplacePrefixMatch", ReplacePrefixMatch = "/x/" } } };
        var (table, diagnostics) = Compile(Given.Rule(Given.Backend("b")) with { Matches = [.. (HttpRouteMatch[])matches], Filters = [filter] });

        if (prefix is null)
        {
            Assert.Equal((500, "UnsupportedValue"), (table.Rules[0].Failure!.Status, table.Rules[0].Failure!.Reason));
            Assert.Equal([$"Error UnsupportedValue {Path}.urlRewrite.path.type"], diagnostics.Codes());
        }
        else
        {
            Assert.Equal(new RewriteFilter(null, new PathRewrite(prefix, "/x")), Assert.Single(table.Rules[0].Filters));
            Assert.Empty(diagnostics);
        }
    }

    [Theory]
    [InlineData("RequestRedirect", "URLRewrite")]
    [InlineData("URLRewrite", "RequestRedirect")]
    [InlineData("URLRewrite", "URLRewrite")]
    [InlineData("RequestHeaderModifier", "RequestHeaderModifier")]
    [InlineData("CORS", "CORS")]
    public void What_cannot_stand_together_fails_its_rule_and_no_other(string first, string second)
    {
        var (table, diagnostics) = Compile(
            Given.Rule(Given.Backend("b")) with { Filters = [Any(first), Any(second)] }, Given.Rule(Given.Path("/other"), Given.Backend("b")));

        Assert.Equal("IncompatibleFilters", table.Rules[0].Failure?.Reason);
        Assert.Null(table.Rules[1].Failure);
        Assert.Equal(["Error IncompatibleFilters spec.rules[0].filters[1]"], diagnostics.Codes());
    }

    [Theory]
    [InlineData("RequestHeaderModifier", ".requestHeaderModifier")]
    [InlineData("ResponseHeaderModifier", ".responseHeaderModifier")]
    [InlineData("RequestRedirect", ".requestRedirect")]
    [InlineData("URLRewrite", ".urlRewrite")]
    [InlineData("ExtensionRef", ".extensionRef")]
    [InlineData("ExternalAuth", "")]
    [InlineData("", "")]
    public void A_filter_that_says_nothing_or_is_unknown_fails(string type, string field) => AssertFails(new() { Type = type }, field);

    [Fact]
    public void A_filter_that_is_null_fails_its_rule() => Assert.Equal(500, Compile(Given.Rule(Given.Backend("b")) with { Filters = [null!] }).Table.Rules[0].Failure?.Status);

    public static TheoryData<object, string, string> MirrorsThatLeadNowhere => new()
    {
        { new HttpRequestMirrorFilter { BackendRef = Given.Backend("missing") }, "BackendNotFound", ".backendRef" },
        { new HttpRequestMirrorFilter { BackendRef = Given.Backend("b", port: 99) }, "BackendNotFound", ".backendRef.port" },
        { new HttpRequestMirrorFilter { BackendRef = Given.Backend("b") with { Kind = "Bucket" } }, "InvalidKind", ".backendRef" },
    };

    [Theory]
    [MemberData(nameof(MirrorsThatLeadNowhere))]
    public void A_mirror_that_leads_nowhere_is_left_out_and_the_requests_go_on(object mirror, string code, string field)
    {
        var (table, diagnostics) = Compile(Given.Rule(Given.Backend("b")) with { Filters = [Mirror((HttpRequestMirrorFilter)mirror)] });

        Assert.Null(table.Rules[0].Failure);
        Assert.Empty(table.Rules[0].Filters);
        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal($"Error {code} {Path}.requestMirror{field}", diagnostics.Codes()[0]);
        Assert.EndsWith("nothing is mirrored by it", diagnostic.Message, StringComparison.Ordinal);
    }

    public static TheoryData<object?, string> MalformedMirrors => new()
    {
        { null, "" },
        { new HttpRequestMirrorFilter(), "" },
        { new HttpRequestMirrorFilter { BackendRef = Given.Backend("b"), Percent = 101 }, ".percent" },
        { new HttpRequestMirrorFilter { BackendRef = Given.Backend("b"), Percent = -1 }, ".percent" },
        { new HttpRequestMirrorFilter { BackendRef = Given.Backend("b"), Percent = 1, Fraction = new() { Numerator = 1 } }, ".percent" },
        { new HttpRequestMirrorFilter { BackendRef = Given.Backend("b"), Fraction = new() { Numerator = 3, Denominator = 2 } }, ".fraction" },
        { new HttpRequestMirrorFilter { BackendRef = Given.Backend("b"), Fraction = new() { Numerator = 0, Denominator = 0 } }, ".fraction" },
    };

    [Theory]
    [MemberData(nameof(MalformedMirrors))]
    public void A_malformed_mirror_fails(object? mirror, string field) => AssertFails(Mirror((HttpRequestMirrorFilter?)mirror), $".requestMirror{field}");

    [Fact]
    public void A_mirror_beside_a_redirect_mirrors_nothing()
    {
        var (filters, diagnostics) = Compile(Mirror(new() { BackendRef = Given.Backend("b") }), new() { Type = "RequestRedirect", RequestRedirect = new() });

        Assert.IsType<RedirectFilter>(Assert.Single(filters));
        Assert.Equal([$"Warning Ignored {Path}"], diagnostics.Codes());
    }

    public static TheoryData<int?, object?, int, int> Fractions => new()
    {
        { null, null, 1, 1 },
        { 0, null, 0, 100 },
        { 20, null, 20, 100 },
        { null, new HttpFraction { Numerator = 25, Denominator = 50 }, 25, 50 },
        { null, new HttpFraction { Numerator = 35 }, 35, 100 },
    };

    [Theory]
    [MemberData(nameof(Fractions))]
    public void A_mirror_takes_its_part(int? percent, object? fraction, int numerator, int denominator)
    {
        var mirror = new HttpRequestMirrorFilter { BackendRef = Given.Backend("b"), Percent = percent, Fraction = (HttpFraction?)fraction };
        var (filters, diagnostics) = Compile(new HttpRouteFilter { Type = "RequestMirror", RequestMirror = mirror });

        var compiled = Assert.IsType<MirrorFilter>(Assert.Single(filters));
        Assert.Equal((new ClusterId("ns", "b", 80), numerator, denominator), (compiled.Target.Cluster, compiled.Numerator, compiled.Denominator));
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void A_reference_to_a_filter_that_nobody_has_registered_fails_with_its_kind()
    {
        var (table, diagnostics) = Compile(Given.Rule(Given.Backend("b")) with
        {
            Filters = [new() { Type = "ExtensionRef", ExtensionRef = new() { Group = "example.com", Kind = "Stamp", Name = "one" } }],
        });

        Assert.Equal((500, "InvalidKind"), (table.Rules[0].Failure!.Status, table.Rules[0].Failure!.Reason));
        Assert.Contains("no filter for Stamp of example.com", Assert.Single(diagnostics).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GRPCRoute", "RequestHeaderModifier,ResponseHeaderModifier,RequestMirror,ExtensionRef")]
    [InlineData("HTTPRoute", "RequestHeaderModifier,ResponseHeaderModifier,RequestRedirect,URLRewrite,RequestMirror,CORS,ExtensionRef")]
    public void A_kind_of_route_has_its_types(string kind, string types) => Assert.Equal(types.Split(',').Order(), FilterTypes.AllowedIn(kind).Order());

    [Fact]
    public void A_filter_of_a_backend_fails_its_share_alone()
    {
        var (table, diagnostics) = Compile(Given.Rule(
            Given.Backend("a") with { Filters = [Request(new() { Remove = ["Connection"] })] }, Given.Backend("b")));

        Assert.Null(table.Rules[0].Failure);
        Assert.Equal("UnsupportedValue", table.Rules[0].Backends.Backends[0].Failure?.Reason);
        Assert.Null(table.Rules[0].Backends.Backends[1].Failure);
        Assert.EndsWith("its share is answered with 500", Assert.Single(diagnostics).Message, StringComparison.Ordinal);
    }

    private static HttpRouteFilter Request(HttpHeaderFilter headers) => new() { Type = "RequestHeaderModifier", RequestHeaderModifier = headers };

    private static HttpRouteFilter Response(HttpHeaderFilter headers) => new() { Type = "ResponseHeaderModifier", ResponseHeaderModifier = headers };

    private static HttpRouteFilter Mirror(HttpRequestMirrorFilter? mirror) => new() { Type = "RequestMirror", RequestMirror = mirror };

    private static HttpRouteFilter Any(string type) => new()
    {
        Type = type,
        RequestHeaderModifier = new() { Remove = ["X"] },
        RequestRedirect = new(),
        UrlRewrite = new() { Hostname = "a" },
        Cors = new(),
    };

    private static void AssertFails(HttpRouteFilter filter, string field)
    {
        var (table, diagnostics) = Compile(Given.Rule(Given.Backend("b")) with { Filters = [filter] });
        Assert.Equal((500, "UnsupportedValue"), (table.Rules[0].Failure?.Status, table.Rules[0].Failure?.Reason));
        Assert.Equal([$"Error UnsupportedValue {Path}{field}"], diagnostics.Codes());
    }

    private static (System.Collections.Immutable.ImmutableArray<RouteFilter> Filters, MeshDiagnostic[] Diagnostics) Compile(params HttpRouteFilter[] written)
    {
        var (table, diagnostics) = Compile(Given.Rule(Given.Backend("b")) with { Filters = [.. written] });
        return (table.Rules[0].Filters, diagnostics);
    }

    private static (RouteTable Table, MeshDiagnostic[] Diagnostics) Compile(params HttpRouteRule[] rules)
    {
        var snapshot = Given.Snapshot(Given.Service("a"), Given.Service("b"), Given.Route("r", "a", rules));
        return (new RouteTable(
            [.. snapshot.Frontend("a").Routes.Rules.OrderBy(static rule => rule.Index)], snapshot.Frontend("a").Routes.Matches), [.. snapshot.AllDiagnostics()]);
    }
}
