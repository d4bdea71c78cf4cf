using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class AttachmentTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("core", true)]
    [InlineData(null, false)]
    [InlineData("gateway.networking.k8s.io", false)]
    public void Parent_is_a_Service_of_the_core_group(string? group, bool attaches)
    {
        var snapshot = Given.Snapshot(Given.Service("a"), Given.Route("r", [Given.Parent("a", group: group)], Given.Rule(Given.Backend("a"))));
        Assert.Equal(attaches ? RouteScope.Producer : null, snapshot.Frontend("a").Scope);
        Assert.Empty(snapshot.AllDiagnostics());
    }

    [Fact]
    public void Gateway_parents_are_other_peoples_business()
    {
        var route = Given.Route("r", [new ParentReference { Name = "a" }, Given.Parent("a")], Given.Rule(Given.Backend("a")));
        var snapshot = Given.Snapshot(Given.Service("a"), route);
        Assert.Equal(RouteScope.Producer, snapshot.Frontend("a").Scope);
        Assert.Empty(snapshot.AllDiagnostics());
    }

    [Theory]
    [InlineData(null, null, "80 81")]
    [InlineData(80, null, "80")]
    [InlineData(81, null, "81")]
    [InlineData(null, "admin", "81")]
    [InlineData(81, "admin", "81")]
    [InlineData(80, "admin", "")]
    [InlineData(99, null, "")]
    [InlineData(null, "nope", "")]
    public void Port_and_sectionName_must_both_mean_the_port(int? port, string? section, string expected)
    {
        var snapshot = Given.Snapshot(
            Given.Service("a", "http:80", "admin:81"),
            Given.Route("r", [Given.Parent("a", port, section)], Given.Rule(Given.Backend("a"))));
        var attached = snapshot.Service("a").Frontends.Where(frontend => frontend.Scope is not null).Select(frontend => frontend.Id.Port);
        Assert.Equal(expected, string.Join(' ', attached));
        Assert.Equal(
            expected.Length == 0 ? ["Warning NoMatchingParent spec.parentRefs[0]"] : [], snapshot.AllDiagnostics().Codes());
    }

    [Fact]
    public void Missing_parent_is_reported_until_it_appears()
    {
        var route = Given.Route("r", "missing", Given.Rule(Given.Backend("a")));
        var store = Given.Store(Given.Service("a"), route);
        var compiler = Given.Compiler();
        var before = compiler.Compile(store);
        Assert.Equal(["Warning NoMatchingParent spec.parentRefs[0]"], before.AllDiagnostics().Codes());

        var after = compiler.Recompile(before, store, store.Apply([Given.Service("missing")], []));
        Assert.Equal(RouteScope.Producer, after.Frontend("missing").Scope);
        Assert.Empty(after.AllDiagnostics());
    }

    [Fact]
    public void A_slice_without_an_owner_is_reported_until_it_has_one()
    {
        var slice = Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1"));
        var store = Given.Store(Given.Service("a"), slice with { Metadata = slice.Metadata with { Labels = null } });
        var compiler = Given.Compiler();
        var before = compiler.Compile(store);
        Assert.Equal(["Warning Ignored metadata.labels"], before.AllDiagnostics().Codes());

        var after = compiler.Recompile(before, store, store.Apply([slice], []));
        Assert.Empty(after.AllDiagnostics());
        Assert.Single(after.Service("a").Clusters[0].Endpoints);
    }

    [Fact]
    public void ExternalName_is_no_parent()
    {
        var service = Given.Service("a");
        var snapshot = Given.Snapshot(
            service with { Spec = service.Spec with { Type = "ExternalName" } }, Given.Route("r", "a", Given.Rule(Given.Backend("a"))));
        Assert.Equal(["NoMatchingParent"], snapshot.AllDiagnostics().Select(d => d.Code));
    }

    [Theory]
    [InlineData("ns", RouteScopeName.Producer, "producer")]
    [InlineData("consumer", RouteScopeName.Consumer, "consumer")]
    [InlineData("third", RouteScopeName.Producer, "producer")]
    public void Callers_own_routes_replace_the_owners(string caller, string scope, string route)
    {
        var snapshot = Given.SnapshotFor(
            caller,
            Given.Service("a"),
            Given.Route("producer", "a", Given.Rule(Given.Path("/very/specific"), Given.Backend("a"))),
            Given.Route("consumer/consumer", "ns/a", Given.Rule(Given.Backend("ns/a"))));
        var frontend = snapshot.Frontend("a");
        Assert.Equal(scope, frontend.Scope.ToString());
        Assert.Equal([route], frontend.Routes.Rules.Select(rule => rule.Route!.Name));
    }

    [Fact]
    public void Only_consumer_routes_of_another_namespace_leave_the_service_alone() =>
        Assert.Null(
            Given.SnapshotFor("third", Given.Service("a"), Given.Route("consumer/r", "ns/a", Given.Rule(Given.Backend("ns/a")))).Frontend("a").Scope);

    [Fact]
    public void Consumer_routes_replace_port_by_port()
    {
        var snapshot = Given.SnapshotFor(
            "consumer",
            Given.Service("a", "http:80", "admin:81"),
            Given.Route("p", "a", Given.Rule(Given.Backend("a"))),
            Given.Route("consumer/c", [Given.Parent("ns/a", port: 80)], Given.Rule(Given.Backend("ns/a"))));
        Assert.Equal(RouteScope.Consumer, snapshot.Frontend("a", 80).Scope);
        Assert.Equal(RouteScope.Producer, snapshot.Frontend("a", 81).Scope);
    }

    [Fact]
    public void Routes_with_and_without_a_port_are_merged()
    {
        var table = Given.Snapshot(
            Given.Service("a", "http:80", "admin:81"),
            Given.Route("all", "a", Given.Rule(Given.Path("/all"), Given.Backend("a"))),
            Given.Route("one", [Given.Parent("a", port: 80)], Given.Rule(Given.Path("/one-port"), Given.Backend("a"))));
        Assert.Equal(["/one-port", "/all"], table.Frontend("a", 80).Routes.Matches.Select(match => match.Path.Value));
        Assert.Equal(["/all"], table.Frontend("a", 81).Routes.Matches.Select(match => match.Path.Value));
    }

    [Fact]
    public void Ports_with_the_same_routes_share_a_table()
    {
        var model = Given.Snapshot(Given.Service("a", "http:80", "admin:81"), Given.Route("r", "a", Given.Rule(Given.Backend("a")))).Service("a");
        Assert.Same(model.Frontends[0].Routes, model.Frontends[1].Routes);
    }

    [Fact]
    public void Problem_of_a_route_on_two_ports_and_two_parents_is_told_once()
    {
        var route = Given.Route("r", [Given.Parent("a"), Given.Parent("b")], Given.Rule(Given.Backend("missing")));
        var snapshot = Given.Snapshot(Given.Service("a", "http:80", "admin:81"), Given.Service("b"), route);
        Assert.Equal(["Error BackendNotFound spec.rules[0].backendRefs[0]"], snapshot.Service("a").Diagnostics.Codes());
        Assert.Equal(["Error BackendNotFound spec.rules[0].backendRefs[0]"], snapshot.AllDiagnostics().Codes());
    }

    [Fact]
    public void Hostnames_are_reported_and_ignored()
    {
        var route = Given.Route("r", "a", Given.Rule(Given.Backend("a")));
        var snapshot = Given.Snapshot(Given.Service("a"), route with { Spec = route.Spec with { Hostnames = ["elsewhere.example"] } });
        Assert.Equal(RouteScope.Producer, snapshot.Frontend("a").Scope);
        Assert.Equal(["Warning Ignored spec.hostnames"], snapshot.AllDiagnostics().Codes());
    }

    private static class RouteScopeName
    {
        public const string Producer = nameof(RouteScope.Producer);
        public const string Consumer = nameof(RouteScope.Consumer);
    }
}
