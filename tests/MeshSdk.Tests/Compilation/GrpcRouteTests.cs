using System.Net.Http.Headers;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Routing;

namespace MeshSdk.Tests.Compilation;

/// <summary>What gRPC calls meet: matching, precedence, and which routes count beside HTTPRoutes.</summary>
public sealed class GrpcRouteTests
{
    private static readonly Resource[] Services = [Given.Service("a", "http:80", "other:81"), Given.Service("b"), Given.Service("c")];

    public static TheoryData<string?, string?, string?, string, bool> Methods => new()
    {
        // Type, service, method of the match; then a path, and whether it matches.
        { null, "shop.Orders", "Place", "/shop.Orders/Place", true },
        { "Exact", "shop.Orders", "Place", "/shop.Orders/Place", true },
        { "Exact", "shop.Orders", "Place", "/shop.Orders/place", false },
        { "Exact", "shop.Orders", "Place", "/shop.orders/Place", false },
        { "Exact", "shop.Orders", "Place", "/shop.Orders/Placed", false },
        { "Exact", ".shop.Orders", "Place", "/shop.Orders/Place", true },
        { "Exact", "shop.Orders", null, "/shop.Orders/Place", true },
        { "Exact", "shop.Orders", "", "/shop.Orders/Cancel", true },
        { "Exact", "shop.Orders", null, "/shop.OrdersV2/Place", false },
        { "Exact", null, "Place", "/shop.Orders/Place", true },
        { "Exact", "", "Place", "/any.Other/Place", true },
        { "Exact", null, "Place", "/shop.Orders/Replace", false },
        { "Exact", null, "Place", "/Place", false },
        { "Exact", null, "Place", "//Place", false },
        { "Exact", null, "Place", "/a/b/Place", false },
        { "RegularExpression", "shop\\..*", "Place|Cancel", "/shop.Orders/Cancel", true },
        { "RegularExpression", "shop\\..*", "Place|Cancel", "/shop.Orders/Cancelled", false },
        { "RegularExpression", "shop\\..*", null, "/shop.Orders/Any", true },
        { "RegularExpression", "shop\\..*", null, "/myshop.Orders/Any", false },
        { "RegularExpression", null, "Get.*", "/shop.Orders/GetAll", true },
        { "RegularExpression", null, "Get.*", "/shop.Orders/List", false },
        { "RegularExpression", "Orders", null, "/shop.Orders/Any", false },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public void Methods_match_as_written(string? type, string? service, string? method, string path, bool expected) =>
        Assert.Equal(expected ? "r/0" : "none", Decide([Given.GrpcRoute("r", "a", Given.GrpcRule(Given.Call(service, method, type), Given.Backend("b")))], path));

    [Theory]
    [InlineData(null, null, null, "spec.rules[0].matches[0].method")]
    [InlineData("Exact", "", "", "spec.rules[0].matches[0].method")]
    [InlineData("Nonsense", "a", null, "spec.rules[0].matches[0].method.type")]
    [InlineData("Exact", "a..b", null, "spec.rules[0].matches[0].method.service")]
    [InlineData("Exact", "a/b", null, "spec.rules[0].matches[0].method.service")]
    [InlineData("Exact", "9a", null, "spec.rules[0].matches[0].method.service")]
    [InlineData("Exact", "a", "b.c", "spec.rules[0].matches[0].method.method")]
    [InlineData("Exact", null, "9", "spec.rules[0].matches[0].method.method")]
    [InlineData("RegularExpression", "(", null, "spec.rules[0].matches[0].method.service")]
    [InlineData("RegularExpression", null, "a)(b", "spec.rules[0].matches[0].method.method")]
    [InlineData("RegularExpression", "(?=a)", null, "spec.rules[0].matches[0].method.service")]
    public void A_match_that_cannot_be_understood_never_matches_and_drops_its_rule(string? type, string? service, string? method, string path)
    {
        var snapshot = Given.Snapshot([.. Services, Given.GrpcRoute("r", "a", Given.GrpcRule(Given.Call(service, method, type), Given.Backend("b")), Given.GrpcRule(Given.Call("ok"), Given.Backend("c")))]);
        var table = snapshot.Frontend("a").Grpc!.Routes;
        Assert.Equal(1, Assert.Single(table.Rules).Index);
        Assert.Contains($"Error UnsupportedValue {path}", snapshot.Service("a").Diagnostics.Codes());
        Assert.Contains("Error PartiallyInvalid spec.rules[0]", snapshot.Service("a").Diagnostics.Codes());
    }

    [Fact]
    public void Headers_match_on_metadata()
    {
        var route = Given.GrpcRoute(
            "r", "a",
            Given.GrpcRule(new GrpcRouteMatch { Headers = [Given.Value("Version", "two"), Given.Value("color", "or.*", "RegularExpression")] }, Given.Backend("b")),
            Given.GrpcRule(new GrpcRouteMatch { Headers = [Given.Value("version", "two")] }, Given.Backend("b")));
        Assert.Equal("r/0", Decide([route], "/s/M", ("version", "two"), ("COLOR", "orange")));
        Assert.Equal("r/1", Decide([route], "/s/M", ("version", "two"), ("color", "red")));
        Assert.Equal("none", Decide([route], "/s/M", ("version", "Two")));
    }

    public static TheoryData<string, string> Order => new()
    {
        // Of the rules: service, method, number of headers; all of them match /aa.bb/Method with the headers h0 and h1. The winner's position.
        { "-,-,0 aa.bb,-,0", "1" },
        { "aa.bb,-,0 -,Method,0", "0" },
        { "aa.bb,-,2 aa.bb,Method,0", "1" },
        { "aa.bb,Method,0 aa.bb,Method,1", "1" },
        { "aa.bb,Method,1 aa.bb,Method,1", "0" },
        { "-,-,2 -,Method,0", "1" },
        { "-,Method,2 aa.bb,-,0", "1" },
        { "-,-,1 -,-,2", "1" },
    };

    [Theory]
    [MemberData(nameof(Order))]
    public void The_longer_service_then_the_longer_method_then_more_headers_decide(string rules, string winner)
    {
        var written = rules.Split(' ').Select(static text =>
        {
            var parts = text.Split(',');
            var headers = Enumerable.Range(0, int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture)).Select(static i => Given.Value($"h{i}")).ToArray();
            return Given.GrpcRule(
                parts[0] == "-" && parts[1] == "-" ? new GrpcRouteMatch { Headers = [.. headers] }
                    : Given.Call(parts[0] == "-" ? null : parts[0], parts[1] == "-" ? null : parts[1], null, headers),
                Given.Backend("b"));
        });
        Assert.Equal($"r/{winner}", Decide([Given.GrpcRoute("r", "a", [.. written])], "/aa.bb/Method", ("h0", "v"), ("h1", "v")));
    }

    [Theory]
    [InlineData("x", 2, "y", 1, "y")]
    [InlineData("x", null, "y", 1, "x")]
    [InlineData("x", 1, "y", 1, "x")]
    [InlineData("y", 1, "x", 1, "x")]
    public void Of_equal_matches_the_older_route_decides_then_the_name(string first, int? firstAge, string second, int? secondAge, string winner) =>
        Assert.Equal($"{winner}/0", Decide([Aged(first, firstAge), Aged(second, secondAge)], "/s/M"));

    [Fact]
    public void Without_rules_nothing_matches_and_other_GRPCRoutes_still_do()
    {
        Assert.Equal("none", Decide([Given.GrpcRoute("empty", "a")], "/s/M"));
        Assert.Equal("r/0", Decide([Given.GrpcRoute("empty", "a"), Given.GrpcRoute("r", "a", Given.GrpcRule(Given.Backend("b")))], "/s/M"));
        Assert.Contains("Warning NoBackends spec.rules", Given.Snapshot([.. Services, Given.GrpcRoute("empty", "a")]).Service("a").Diagnostics.Codes());
    }

    public static TheoryData<string, string, string, string> Scopes => new()
    {
        // Routes as kind:namespace/name, the caller; then who decides about other calls, and about gRPC calls.
        { "", "ns", "direct -", "direct -" },
        { "h:ns/p", "ns", "Producer p", "Producer p" },
        { "g:ns/p", "ns", "direct -", "Producer p" },
        { "h:ns/h g:ns/g", "ns", "Producer h", "Producer g" },
        { "h:ns/h g:ns/g", "other", "Producer h", "Producer g" },
        { "h:ns/h g:other/g", "other", "Producer h", "Consumer g" },
        { "h:ns/h g:other/g", "ns", "Producer h", "Producer h" },
        { "h:other/h g:ns/g", "other", "Consumer h", "Consumer h" },
        { "g:other/g", "other", "direct -", "Consumer g" },
        { "g:other/g", "third", "direct -", "direct -" },
        { "h:other/h g:other/g h:ns/x g:ns/y", "other", "Consumer h", "Consumer g" },
        { "h:other/h g:other/g h:ns/x g:ns/y", "third", "Producer x", "Producer y" },
    };

    [Theory]
    [MemberData(nameof(Scopes))]
    public void Routes_of_both_kinds_on_one_port(string routes, string caller, string others, string grpc)
    {
        var frontend = Given.SnapshotFor(caller, [.. Services, .. routes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Route)]).Frontend("a");
        Assert.Equal(others, Who(frontend.Scope, frontend.Routes));
        Assert.Equal(grpc, Who(frontend.Grpc is null ? frontend.Scope : frontend.Grpc.Scope, frontend.Grpc?.Routes ?? frontend.Routes));

        // A table of its own only where it differs.
        Assert.Equal(others == grpc, frontend.Grpc is null);

        static string Who(RouteScope? scope, RouteTable table) => $"{scope?.ToString() ?? "direct"} {table.Rules[0].Route?.Name ?? "-"}";

        static Resource Route(string text) => text[0] == 'h'
            ? Given.Route(text[2..], "ns/a", Given.Rule(Given.Backend("ns/b")))
            : Given.GrpcRoute(text[2..], "ns/a", Given.GrpcRule(Given.Backend("ns/b")));
    }

    [Fact]
    public void The_two_kinds_are_told_apart_port_by_port()
    {
        var snapshot = Given.Snapshot([
            .. Services,
            Given.Route("h", "a", Given.Rule(Given.Backend("b"))),
            Given.GrpcRoute("g", [Given.Parent("a", section: "other")], Given.GrpcRule(Given.Backend("c")))]);
        Assert.Null(snapshot.Frontend("a").Grpc);
        Assert.Equal("g", snapshot.Frontend("a", 81).Grpc!.Routes.Rules[0].Route!.Name);
        Assert.Equal("h", snapshot.Frontend("a", 81).Routes.Rules[0].Route!.Name);
    }

    [Theory]
    [InlineData("", null, null, null, true)]
    [InlineData("core", 80, null, null, true)]
    [InlineData("", 81, "http", null, false)]
    [InlineData("", null, "http", null, true)]
    [InlineData("", null, "nowhere", null, false)]
    [InlineData("", 99, null, null, false)]
    [InlineData("gateway.networking.k8s.io", null, null, null, false)]
    [InlineData(null, null, null, null, false)]
    [InlineData("", null, null, "foreign.example", true)]
    public void Parents_mean_the_same_as_those_of_an_HTTPRoute(string? group, int? port, string? section, string? hostname, bool applies)
    {
        ParentReference[] parents = [Given.Parent("a", port, section, group)];
        var grpc = Given.GrpcRoute("g", parents, Given.GrpcRule(Given.Backend("b")));
        grpc = grpc with { Spec = grpc.Spec with { Hostnames = hostname is null ? null : [hostname] } };
        var http = Given.Route("h", parents, Given.Rule(Given.Backend("b")));
        Assert.Equal(applies, Given.Snapshot([.. Services, grpc]).Frontend("a").Grpc is not null);
        Assert.Equal(applies, Given.Snapshot([.. Services, http]).Frontend("a").Scope is not null);
    }

    [Theory]
    [InlineData("RequestRedirect")]
    [InlineData("URLRewrite")]
    [InlineData("CORS")]
    [InlineData("Nonsense")]
    public void A_filter_that_the_kind_does_not_have_fails_its_rule_alone(string type)
    {
        var snapshot = Given.Snapshot([
            .. Services,
            Given.GrpcRoute(
                "g", "a",
                Given.GrpcRule(Given.Call("x"), Given.Backend("b")) with { Filters = [new HttpRouteFilter { Type = type }] },
                Given.GrpcRule(Given.Call("y"), Given.Backend("b") with { Filters = [new HttpRouteFilter { Type = type }] }, Given.Backend("c")))]);
        var rules = snapshot.Frontend("a").Grpc!.Routes.Rules;
        Assert.Equal(500, rules[0].Failure!.Status);
        Assert.Null(rules[1].Failure);
        Assert.Equal([500, null], rules[1].Backends.Backends.Select(static backend => backend.Failure?.Status));
    }

    [Fact]
    public void What_breaks_a_rule_of_an_HTTPRoute_breaks_one_of_a_GRPCRoute()
    {
        var rules = Given.Snapshot([
            .. Services,
            Given.Service("alias") with { Spec = new ServiceSpec { Type = "ExternalName", Ports = [new ServicePort { Port = 80 }] } },
            Given.Service("headless") with { Spec = new ServiceSpec { ClusterIP = "None", Ports = [new ServicePort { Port = 80 }] } },
            Given.GrpcRoute(
                "g", "a",
                Given.GrpcRule(),
                Given.GrpcRule(Given.Backend("b", 0)),
                Given.GrpcRule(Given.Backend("gone", 0), Given.Backend("b")),
                Given.GrpcRule(Given.Backend("alias"), Given.Backend("headless"), Given.Backend("a"), Given.Backend("b", port: 99)),
                Given.GrpcRule(Given.Backend("b") with { Kind = "ServiceImport", Group = "multicluster.x-k8s.io" }))]).Frontend("a").Grpc!.Routes.Rules;
        Assert.Equal(["NoBackends", "NoBackends", null, null, null], rules.Select(static rule => rule.Failure?.Reason));
        Assert.Equal(["BackendNotFound", null], rules[2].Backends.Backends.Select(static backend => backend.Failure?.Reason));
        Assert.Equal(["BackendNotFound", null, null, "BackendNotFound"], rules[3].Backends.Backends.Select(static backend => backend.Failure?.Reason));
        Assert.Equal("InvalidKind", rules[4].Backends.Backends[0].Failure!.Reason);
    }

    [Fact]
    public void A_weight_out_of_bounds_leaves_the_last_good_version_in_force()
    {
        var store = Given.Store([.. Services, Given.GrpcRoute("g", "a", Given.GrpcRule(Given.Backend("b", 1)))]);
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        snapshot = compiler.Recompile(snapshot, store, store.Apply([Given.GrpcRoute("g", "a", Given.GrpcRule(Given.Backend("c", -1)))], []));
        Assert.Equal("b", snapshot.Frontend("a").Grpc!.Routes.Rules[0].Backends.Backends[0].Cluster.Service);
        Assert.Contains("Error FallBack spec.rules[0].backendRefs[0].weight", snapshot.Service("a").Diagnostics.Codes());
    }

    [Fact]
    public void Routes_of_both_kinds_may_have_one_name()
    {
        var store = Given.Store([.. Services, Given.Route("x", "a", Given.Rule(Given.Backend("b"))), Given.GrpcRoute("x", "a", Given.GrpcRule(Given.Backend("c")))]);
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        Assert.Equal(("HTTPRoute", "GRPCRoute"), (snapshot.Frontend("a").Routes.Rules[0].Route!.Kind, snapshot.Frontend("a").Grpc!.Routes.Rules[0].Route!.Kind));
        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [new ResourceKey("GRPCRoute", "ns", "x")]));
        Assert.Null(snapshot.Frontend("a").Grpc);
    }

    [Fact]
    public void Under_Istios_defaults_a_rule_without_retries_has_two()
    {
        var route = Given.Route("h", "b", Given.Rule(Given.Backend("c")), Given.Rule(Given.Backend("c")) with { Retry = new HttpRouteRetry { Attempts = 5, Codes = [500] } });
        Resource[] mesh = [.. Services, route, Given.GrpcRoute("g", "a", Given.GrpcRule(Given.Backend("b")))];
        var snapshot = Given.Compiler(new CompilerOptions { DefaultRetry = CompilerOptions.IstioRetry }).Compile(Given.Store(mesh));
        var istio = new[] { snapshot.Frontend("b").Routes.Rules[0], snapshot.Frontend("c").Routes.Rules[0], snapshot.Frontend("a").Grpc!.Routes.Rules[0] };
        Assert.All(istio, static rule => Assert.Equal(
            (2, 0, (TimeSpan?)null, RetryConditions.Unprocessed, true),
            (rule.Retry!.Attempts, rule.Retry.Codes.Length, rule.Retry.Backoff, rule.Retry.Conditions, rule.Retry.IsDefault)));
        var own = snapshot.Frontend("b").Routes.Rules[1].Retry!;
        Assert.Equal((5, RetryConditions.Unanswered, false), (own.Attempts, own.Conditions, own.IsDefault));
        Assert.Null(Given.Snapshot(mesh).Frontend("b").Routes.Rules[0].Retry);
    }

    private static GrpcRoute Aged(string name, int? age)
    {
        var route = Given.GrpcRoute(name, "a", Given.GrpcRule(Given.Call("s"), Given.Backend("b")));
        return age is { } second ? route.CreatedAt(second) : route;
    }

    /// <summary>The rule that decides about a call, as <c>route/rule</c>.</summary>
    private static string Decide(IEnumerable<GrpcRoute> routes, string path, params (string Name, string Value)[] headers)
    {
        var table = Given.Snapshot([.. Services, .. routes]).Frontend("a").Grpc!.Routes;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://a{path}") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var hit = RouteMatcher.Match(table, request);
        return hit == RouteMatcher.NoMatch ? "none" : $"{table.Rules[table.Matches[hit].Rule].Route!.Name}/{table.Rules[table.Matches[hit].Rule].Index}";
    }

    [Fact]
    public void Problems_name_the_answer_that_callers_of_gRPC_get()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"),
            Given.GrpcRoute(
                "g", "a",
                Given.GrpcRule(Given.Backend("gone")),
                Given.GrpcRule(Given.Backend("a", weight: -1)),
                Given.GrpcRule(),
                Given.GrpcRule(Given.Backend("a")) with { Filters = [new HttpRouteFilter { Type = "Nonsense" }] }));
        var messages = snapshot.AllDiagnostics().Select(static d => d.Message).ToArray();
        Assert.Equal(4, messages.Length);
        Assert.All(messages, static message => Assert.EndsWith(" UNAVAILABLE", message, StringComparison.Ordinal));
    }
}
