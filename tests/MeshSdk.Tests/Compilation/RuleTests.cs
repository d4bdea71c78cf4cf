using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class RuleTests
{
    [Fact]
    public void Route_without_rules_answers_500()
    {
        var route = Given.Route("r", "a");
        foreach (var spec in new[] { route.Spec, route.Spec with { Rules = null } })
        {
            var table = Given.Snapshot(Given.Service("a"), route with { Spec = spec }).Frontend("a").Routes;
            Assert.Equal((500, "NoBackends"), Failure(Assert.Single(table.Rules)));
            Assert.Equal((PathMatch.Any, null), (Assert.Single(table.Matches).Path, table.Matches[0].Index));
        }
    }

    [Fact]
    public void Rule_without_matches_has_one_match_without_position()
    {
        var match = Assert.Single(Compile(Given.Rule(Given.Backend("b"))).Table.Matches);
        Assert.Equal((PathMatch.Any, null), (match.Path, match.Index));
    }

    [Fact]
    public void Backends_keep_order_and_weights()
    {
        var rule = Compile(Given.Rule(Given.Backend("b", 90), Given.Backend("a", 0), Given.Backend("b"))).Table.Rules[0];
        Assert.Equal(
            [new BackendModel(new("ns", "b", 80), 90), new(new("ns", "a", 80), 0), new(new("ns", "b", 80), 1)], rule.Backends.Backends);
        Assert.Null(rule.Failure);
    }

    public static TheoryData<object, string, string> InvalidBackends => new()
    {
        { Given.Backend("missing"), "BackendNotFound", "spec.rules[0].backendRefs[0]" },
        { Given.Backend("other/b"), "BackendNotFound", "spec.rules[0].backendRefs[0]" },
        { Given.Backend("external"), "BackendNotFound", "spec.rules[0].backendRefs[0]" },
        { Given.Backend("b", port: null), "BackendNotFound", "spec.rules[0].backendRefs[0].port" },
        { Given.Backend("b", port: 5678), "BackendNotFound", "spec.rules[0].backendRefs[0].port" },
        { Given.Backend("b") with { Name = "" }, "BackendNotFound", "spec.rules[0].backendRefs[0].name" },
        { Given.Backend("b") with { Kind = "Bucket" }, "InvalidKind", "spec.rules[0].backendRefs[0]" },
        { Given.Backend("b") with { Group = "example.com" }, "InvalidKind", "spec.rules[0].backendRefs[0]" },
        { Given.Backend("b") with { Filters = [new HttpRouteFilter { Type = "ExternalAuth" }] }, "UnsupportedValue", "spec.rules[0].backendRefs[0].filters[0]" },
    };

    [Theory]
    [MemberData(nameof(InvalidBackends))]
    public void Invalid_backend_keeps_its_share_and_answers_500(object backend, string code, string path)
    {
        var (table, diagnostics) = Compile(Given.Rule((HttpBackendRef)backend with { Weight = 3 }, Given.Backend("a", 7)));
        var rule = table.Rules[0];
        Assert.Null(rule.Failure);
        Assert.Equal((500, code), (rule.Backends.Backends[0].Failure!.Status, rule.Backends.Backends[0].Failure!.Reason));
        Assert.Equal((3, 7), (rule.Backends.Backends[0].Weight, rule.Backends.Backends[1].Weight));
        Assert.Null(rule.Backends.Backends[1].Failure);
        Assert.Equal([$"Error {code} {path}"], diagnostics.Codes());
    }

    [Fact]
    public void Message_names_the_ports_that_there_are()
    {
        var (_, diagnostics) = Compile(Given.Rule(Given.Backend("b", port: 5678)));
        Assert.Contains("has no TCP port 5678, but 80", diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Core_group_may_be_named() =>
        Assert.Null(Compile(Given.Rule(Given.Backend("b") with { Group = "", Kind = "Service" })).Table.Rules[0].Backends.Backends[0].Failure);

    [Fact]
    public void Backend_in_another_namespace_needs_no_grant()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Service("other/b"), Given.Route("r", "a", Given.Rule(Given.Backend("other/b"))));
        Assert.Equal(new BackendModel(new("other", "b", 80), 1), snapshot.Frontend("a").Routes.Rules[0].Backends.Backends[0]);
    }

    [Fact]
    public void No_backends_and_no_weight_answer_500()
    {
        Assert.Equal((500, "NoBackends"), Failure(Compile(Given.Rule()).Table.Rules[0]));
        var idle = Compile(Given.Rule(Given.Backend("a", 0), Given.Backend("b", 0))).Table.Rules[0];
        Assert.Equal((500, "NoBackends"), Failure(idle));
        Assert.Equal(2, idle.Backends.Backends.Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_001)]
    [InlineData(int.MinValue)]
    public void Meaningless_weight_fails_its_rule_and_no_other(int weight)
    {
        var (table, diagnostics) = Compile(
            Given.Rule(Given.Path("/bad"), Given.Backend("a", weight), Given.Backend("b", 1)),
            Given.Rule(Given.Path("/good"), Given.Backend("b", 1_000_000)));
        Assert.Equal((500, "UnsupportedValue"), Failure(table.Rules[0]));
        Assert.Equal([0, 1], table.Rules[0].Backends.Backends.Select(backend => backend.Weight));
        Assert.Null(table.Rules[1].Failure);
        Assert.Equal(["Error UnsupportedValue spec.rules[0].backendRefs[0].weight"], diagnostics.Codes());
    }

    [Fact]
    public void Meaningless_weight_does_not_replace_a_sound_version()
    {
        var store = Given.Store(Given.Service("a"), Given.Service("b"), Given.Route("r", "a", Given.Rule(Given.Backend("b", 5))));
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);

        Change(Given.Route("r", "a", Given.Rule(Given.Backend("b", -5), Given.Backend("a", 1))));
        Assert.Equal(5, Assert.Single(snapshot.Frontend("a").Routes.Rules[0].Backends.Backends).Weight);
        Assert.Equal(["Error FallBack spec.rules[0].backendRefs[0].weight"], snapshot.Service("a").Diagnostics.Codes());
        Assert.Single(snapshot.AllDiagnostics());

        Change(Given.Route("r", "a", Given.Rule(Given.Backend("b", 6))));
        Assert.Equal(6, snapshot.Frontend("a").Routes.Rules[0].Backends.Backends[0].Weight);
        Assert.Empty(snapshot.AllDiagnostics());

        void Change(HttpRoute route) => snapshot = compiler.Recompile(snapshot, store, store.Apply([route], []));
    }

    [Fact]
    public void Deleting_a_refused_route_deletes_it()
    {
        var good = Given.Route("r", "a", Given.Rule(Given.Backend("a")));
        var store = Given.Store(Given.Service("a"), good);
        store.Apply([Given.Route("r", "a", Given.Rule(Given.Backend("a", -5)))], []);
        store.Apply([], [good.Key]);
        var snapshot = Given.Compiler().Compile(store);
        Assert.Null(snapshot.Frontend("a").Scope);
        Assert.Empty(snapshot.AllDiagnostics());
    }

    [Fact]
    public void Filter_on_a_rule_fails_the_rule_and_is_never_skipped()
    {
        var (table, diagnostics) = Compile(
            Given.Rule(Given.Backend("a")) with { Filters = [new HttpRouteFilter { Type = "ExternalAuth" }] });
        Assert.Equal((500, "UnsupportedValue"), Failure(table.Rules[0]));
        Assert.Single(table.Rules[0].Backends.Backends);
        Assert.Equal(["Error UnsupportedValue spec.rules[0].filters[0]"], diagnostics.Codes());
    }

    [Fact]
    public void Empty_filter_lists_are_nothing()
    {
        var (table, diagnostics) = Compile(Given.Rule(Given.Backend("a") with { Filters = [] }) with { Filters = [] });
        Assert.Null(table.Rules[0].Failure);
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void Timeouts_and_retries_are_read()
    {
        var (table, diagnostics) = Compile(Given.Rule(Given.Backend("a")) with
        {
            Timeouts = new HttpRouteTimeouts { Request = "1m30s", BackendRequest = "0s" },
            Retry = new HttpRouteRetry { Codes = [500, 700, 503] },
        });
        Assert.Equal(new RouteTimeouts(TimeSpan.FromSeconds(90), TimeSpan.Zero), table.Rules[0].Timeouts);
        var retry = table.Rules[0].Retry!;
        Assert.Equal((2, null), (retry.Attempts, retry.Backoff));
        Assert.Equal([500, 503], retry.Codes);
        Assert.Equal(
            [
                "Error UnsupportedValue spec.rules[0].retry.codes[1]",
            ],
            diagnostics.Codes().Order());
    }

    [Fact]
    public void Invalid_duration_counts_as_unset()
    {
        var (table, diagnostics) = Compile(
            Given.Rule(Given.Backend("a")) with { Timeouts = new HttpRouteTimeouts { Request = "10" }, Retry = new HttpRouteRetry { Backoff = "soon" } });
        Assert.Null(table.Rules[0].Timeouts!.Request);
        Assert.Null(table.Rules[0].Retry!.Backoff);
        Assert.Null(table.Rules[0].Failure);
        Assert.Equal(
            ["Error UnsupportedValue spec.rules[0].retry.backoff", "Error UnsupportedValue spec.rules[0].timeouts.request"],
            diagnostics.Codes().Order());
    }

    private static (int, string) Failure(RouteRule rule) => (rule.Failure!.Status, rule.Failure.Reason);

    private static (RouteTable Table, MeshDiagnostic[] Diagnostics) Compile(params HttpRouteRule[] rules)
    {
        var external = Given.Service("external");
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Service("b"), external with { Spec = external.Spec with { Type = "ExternalName" } }, Given.Route("r", "a", rules));
        return (snapshot.Frontend("a").Routes, [.. snapshot.AllDiagnostics()]);
    }
}
