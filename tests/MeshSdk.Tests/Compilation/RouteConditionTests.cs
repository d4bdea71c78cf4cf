using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class RouteConditionTests
{
    private const string Good = "Accepted=True Accepted; ResolvedRefs=True ResolvedRefs";

    private static readonly Dictionary<string, HttpRouteRule[]> Rules = new()
    {
        ["sound"] = [Given.Rule(Given.Backend("a"))],
        ["missing backend"] = [Given.Rule(Given.Backend("gone"))],
        ["missing port"] = [Given.Rule(Given.Backend("a", port: 81))],
        ["foreign kind"] = [Given.Rule(Given.Backend("a") with { Kind = "Bucket", Group = "example.com" })],
        ["strange protocol"] = [Given.Rule(Given.Backend("strange"))],
        ["no backends"] = [Given.Rule()],
        ["no rules"] = [],
        ["none can match"] = [Given.Rule(Given.Path("x"), Given.Backend("a"))],
        ["one of two"] = [Given.Rule(Given.Path("x"), Given.Backend("a")), Given.Rule(Given.Backend("a"))],
        ["one match of two"] = [new HttpRouteRule { Matches = [Given.Path("x"), Given.Path("/y")], BackendRefs = [Given.Backend("a")] }],
        ["broken weight"] = [Given.Rule(Given.Backend("a", weight: -1))],
        ["both at once"] = [Given.Rule(Given.Path("x"), Given.Backend("gone")), Given.Rule(Given.Backend("gone")), Given.Rule(Given.Backend("a"))],
    };

    [Theory]
    [InlineData("sound", Good)]
    [InlineData("missing backend", "Accepted=True Accepted; ResolvedRefs=False BackendNotFound")]
    [InlineData("missing port", "Accepted=True Accepted; ResolvedRefs=False BackendNotFound")]
    [InlineData("foreign kind", "Accepted=True Accepted; ResolvedRefs=False InvalidKind")]
    [InlineData("strange protocol", "Accepted=True Accepted; ResolvedRefs=False UnsupportedProtocol")]
    [InlineData("no backends", Good)]
    [InlineData("no rules", Good)]
    [InlineData("none can match", "Accepted=False UnsupportedValue; ResolvedRefs=True ResolvedRefs")]
    [InlineData("one of two", Good + "; PartiallyInvalid=True UnsupportedValue")]
    [InlineData("one match of two", Good + "; PartiallyInvalid=True UnsupportedValue")]
    [InlineData("broken weight", "Accepted=False UnsupportedValue; ResolvedRefs=True ResolvedRefs")]
    [InlineData("both at once", "Accepted=True Accepted; ResolvedRefs=False BackendNotFound; PartiallyInvalid=True UnsupportedValue")]
    public void Rules_decide_as_the_compiler_judges_them(string rules, string expected)
    {
        var snapshot = Given.Snapshot(Given.Service("a"), Given.Service("strange", "http:80:carrier-pigeon"), Given.Route("r", "a", Rules[rules]));
        Assert.Equal(expected, Conditions(snapshot, "a"));
    }

    [Fact]
    public void What_is_left_out_and_harms_no_request_drops_no_rule()
    {
        var rule = Given.Rule(Given.Backend("a")) with
        {
            Timeouts = new HttpRouteTimeouts { Request = "soon" },
            Retry = new HttpRouteRetry { Codes = [200], Attempts = -1, Backoff = "later" },
            SessionPersistence = System.Text.Json.JsonDocument.Parse("""{"type":"Nonsense"}""").RootElement,
            Filters =
            [
                new() { Type = "CORS", Cors = new() { AllowOrigins = ["://"], MaxAge = -1 } },
            ],
        };
        var snapshot = Given.Snapshot(Given.Service("a"), Given.Route("r", "a", rule));
        Assert.Equal(7, snapshot.AllDiagnostics().Count(static d => d is { Code: "UnsupportedValue", Severity: DiagnosticSeverity.Error }));
        Assert.Equal(Good, Conditions(snapshot, "a"));
    }

    [Fact]
    public void A_rule_that_a_filter_keeps_from_being_served_is_one_that_is_dropped()
    {
        HttpRouteFilter[] filters = [new() { Type = "CORS", Cors = new() { AllowOrigins = ["://"] } }, new() { Type = "Nonsense" }];
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Backend("a")) with { Filters = [.. filters] }, Given.Rule(Given.Backend("a"))));
        Assert.Equal(Good + "; PartiallyInvalid=True UnsupportedValue", Conditions(snapshot, "a"));
        Assert.StartsWith("Dropped Rule: spec.rules[0].filters[1]: ", Only(snapshot, "a").Conditions[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_dropped_is_named_in_the_words_of_the_API()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Path("x"), Given.Backend("a")), Given.Rule(Given.Backend("a"))));
        var partial = Only(snapshot, "a").Conditions[^1];
        Assert.StartsWith("Dropped Rule: spec.rules[0].matches[0].path.value: 'x'", partial.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", null, null, Good)]
    [InlineData("a", 80, "http", Good)]
    [InlineData("a", 81, null, "Accepted=False NoMatchingParent; ResolvedRefs=True ResolvedRefs")]
    [InlineData("a", null, "admin", "Accepted=False NoMatchingParent; ResolvedRefs=True ResolvedRefs")]
    [InlineData("gone", null, null, "Accepted=False NoMatchingParent; ResolvedRefs=True ResolvedRefs")]
    [InlineData("alias", null, null, "Accepted=False NoMatchingParent; ResolvedRefs=True ResolvedRefs")]
    public void Parents_must_be_there(string parent, int? port, string? section, string expected)
    {
        var alias = Given.Service("alias") with { Spec = new ServiceSpec { Type = "ExternalName" } };
        var snapshot = Given.Snapshot(
            Given.Service("a", "http:80"), alias, Given.Route("r", [Given.Parent(parent, port, section)], Given.Rule(Given.Backend("a"))));
        Assert.Equal(expected, Conditions(snapshot, parent));
    }

    [Fact]
    public void Each_parent_is_told_for_itself()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a", "http:80"), Given.Service("b"),
            Given.Route(
                "r", [new ParentReference { Name = "gateway" }, Given.Parent("a", 80), Given.Parent("b"), Given.Parent("a", 81)],
                Given.Rule(Given.Backend("a"))));
        Assert.Equal(
            ["1 True", "3 False"], snapshot.Routes[Given.Id("a")].Select(static s => $"{s.ParentRef} {s.Conditions[0].Status}"));
        Assert.Equal(["2 True"], snapshot.Routes[Given.Id("b")].Select(static s => $"{s.ParentRef} {s.Conditions[0].Status}"));
    }

    [Fact]
    public void Routes_that_decide_nothing_for_this_caller_are_judged_all_the_same()
    {
        var snapshot = Given.SnapshotFor(
            "caller",
            Given.Service("a"),
            Given.Route("replaced", "a", Given.Rule(Given.Backend("gone"))),
            Given.Route("caller/own", "a", Given.Rule(Given.Backend("a"))),
            Given.Route("other/foreign", "a", Given.Rule(Given.Path("x"), Given.Backend("a"))));
        Assert.Equal(
            [
                "HTTPRoute caller/own at Service ns/a: Accepted=True Accepted; ResolvedRefs=True ResolvedRefs",
                "HTTPRoute ns/replaced at Service ns/a: Accepted=True Accepted; ResolvedRefs=False BackendNotFound",
                "HTTPRoute other/foreign at Service ns/a: Accepted=False UnsupportedValue; ResolvedRefs=True ResolvedRefs",
            ],
            snapshot.Routes[Given.Id("a")].Select(static status => status.ToString()));

        // And they trouble nobody else.
        Assert.Empty(snapshot.AllDiagnostics());
    }

    [Fact]
    public void Conditions_follow_what_the_route_depends_on()
    {
        var store = Given.Store(Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Backend("b"))), Given.Route("s", "c", Given.Rule(Given.Backend("b"))));
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        Assert.Equal("Accepted=True Accepted; ResolvedRefs=False BackendNotFound", Conditions(snapshot, "a"));
        Assert.Equal("Accepted=False NoMatchingParent; ResolvedRefs=False BackendNotFound", Conditions(snapshot, "c"));

        snapshot = compiler.Recompile(snapshot, store, store.Apply([Given.Service("b")], []));
        Assert.Equal(Good, Conditions(snapshot, "a"));
        Assert.Equal("Accepted=False NoMatchingParent; ResolvedRefs=True ResolvedRefs", Conditions(snapshot, "c"));

        snapshot = compiler.Recompile(snapshot, store, store.Apply([Given.Service("c")], []));
        Assert.Equal(Good, Conditions(snapshot, "c"));

        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [new ResourceKey("HTTPRoute", "ns", "s")]));
        Assert.False(snapshot.Routes.ContainsKey(Given.Id("c")));

        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [new ResourceKey("Service", "ns", "b")]));
        Assert.Equal("Accepted=True Accepted; ResolvedRefs=False BackendNotFound", Conditions(snapshot, "a"));
    }

    [Fact]
    public void Services_that_cannot_be_known_leave_the_question_open()
    {
        var store = Given.Store(Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Backend("x"))), Given.Route("s", "x", Given.Rule(Given.Backend("a"))));
        var compiler = Given.Compiler();
        compiler.Apply(store, [new UnknownScope("Service", "ns", "x", "forbidden")]);
        var snapshot = compiler.Compile(store);
        Assert.Equal("Accepted=True Accepted; ResolvedRefs=Unknown Pending", Conditions(snapshot, "a"));
        Assert.Equal("Accepted=Unknown Pending; ResolvedRefs=True ResolvedRefs", Conditions(snapshot, "x"));

        snapshot = compiler.Recompile(snapshot, store, compiler.Apply(store, []));
        Assert.Equal("Accepted=True Accepted; ResolvedRefs=False BackendNotFound", Conditions(snapshot, "a"));
        Assert.Equal("Accepted=False NoMatchingParent; ResolvedRefs=True ResolvedRefs", Conditions(snapshot, "x"));
    }

    [Fact]
    public void A_refused_version_is_told_with_the_generation_of_the_one_in_force()
    {
        var sound = OfGeneration(3, Given.Route("r", "a", Given.Rule(Given.Backend("a"))));
        var store = Given.Store(Given.Service("a"), sound);
        store.Apply([OfGeneration(4, Given.Route("r", "a", Given.Rule(Given.Backend("a", weight: -5))))], []);
        var status = Only(Given.Compiler().Compile(store), "a");
        Assert.True(status.IsAccepted);
        Assert.StartsWith("Fall Back: spec.rules[0].backendRefs[0].weight", status.Conditions[^1].Message, StringComparison.Ordinal);
        Assert.All(status.Conditions, static condition => Assert.Equal(3, condition.ObservedGeneration));
    }

    [Fact]
    public void Generation_is_read_from_the_object() =>
        Assert.Equal(
            7,
            ((HttpRoute)ResourceKindOf("HTTPRoute").Read("""{"metadata":{"name":"r","generation":7}}"""u8)).Metadata.Generation);

    private static MeshSdk.Resources.Json.ResourceKind ResourceKindOf(string kind) =>
        MeshSdk.Resources.Json.ResourceKinds.All.Single(one => one.Kind == kind);

    private static HttpRoute OfGeneration(long generation, HttpRoute route) =>
        route with { Metadata = route.Metadata with { Generation = generation } };

    private static MeshRouteStatus Only(MeshSnapshot snapshot, string parent) => Assert.Single(snapshot.Routes[Given.Id(parent)]);

    private static string Conditions(MeshSnapshot snapshot, string parent) => string.Join("; ", Only(snapshot, parent).Conditions);
}
