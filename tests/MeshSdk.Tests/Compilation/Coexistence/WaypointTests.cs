using System.Collections.Immutable;
using MeshSdk.Compilation;
using MeshSdk.Compilation.Coexistence;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Coexistence;

/// <summary>How Services with a waypoint are called: by way of it, or not at all.</summary>
public sealed class WaypointTests
{
    private const string Use = WaypointLabels.Use;

    public static TheoryData<string, string, string?> Labels => new()
    {
        { "", "", null },
        { "istio.io/use-waypoint=w", "", "ns/w" },
        { "", "istio.io/use-waypoint=w", "ns/w" },
        { "istio.io/use-waypoint=own", "istio.io/use-waypoint=w", "ns/own" },
        { "istio.io/use-waypoint=none", "istio.io/use-waypoint=w", null },
        { "istio.io/use-waypoint=", "istio.io/use-waypoint=w", "ns/w" },
        { "", "istio.io/use-waypoint=none", null },
        { "istio.io/use-waypoint=w istio.io/use-waypoint-namespace=infra", "", "infra/w" },
        { "", "istio.io/use-waypoint=w istio.io/use-waypoint-namespace=infra", "infra/w" },
        { "istio.io/use-waypoint-namespace=other", "istio.io/use-waypoint=w istio.io/use-waypoint-namespace=infra", "infra/w" },
        { "istio.io/use-waypoint=own", "istio.io/use-waypoint=w istio.io/use-waypoint-namespace=infra", "ns/own" },
    };

    [Theory]
    [MemberData(nameof(Labels))]
    public void The_label_of_the_service_counts_before_that_of_its_namespace(string ofService, string ofNamespace, string? expected)
    {
        var waypoint = Waypoint.Of(Labelled(Given.Service("a"), ofService), Space(ofNamespace));
        Assert.Equal(expected, waypoint is null ? null : $"{waypoint.Namespace}/{waypoint.Name}");
    }

    [Fact]
    public void Of_a_namespace_that_is_not_known_nothing_follows() => Assert.Null(Waypoint.Of(Given.Service("a"), null));

    [Fact]
    public void From_ambient_a_frontend_is_called_by_its_cluster_address_and_nothing_else_is_done()
    {
        var snapshot = Compile(
            Ambient(), CompilerOptions.Default with { DefaultRetry = CompilerOptions.IstioRetry },
            WithWaypoint("a", "10.96.0.1"),
            Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1"), Given.Endpoint("10.0.0.2")),
            Given.Service("b"),
            Given.Slice("t", "b", 80, Given.Endpoint("10.0.0.3")),
            Given.Route("r", "a", Given.Rule(Given.Backend("b"))));

        var frontend = snapshot.Frontend("a");
        var rule = Assert.Single(frontend.Routes.Rules);
        Assert.Null(rule.Route);
        Assert.Null(rule.Retry);
        Assert.Null(frontend.Scope);
        Assert.Equal(new ClusterId("ns", "a", 80), Assert.Single(rule.Backends.Backends).Cluster);
        Assert.Equal(["10.96.0.1:80 None"], Endpoints(snapshot, "a"));
        Assert.Equal(["Info LeftToWaypoint"], snapshot.Service("a").Diagnostics.Codes());
        Assert.Contains("HTTPRoute ns/r", snapshot.Service("a").Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_ambient_routes_of_the_callers_own_do_not_replace_the_waypoint()
    {
        var caller = Ambient() with { Namespace = "mine" };
        var snapshot = Compile(caller, null, WithWaypoint("a", "10.96.0.1"), Given.Service("mine/b"), Given.Route("mine/r", "a", Given.Rule(Given.Backend("mine/b"))));
        Assert.Null(Assert.Single(snapshot.Frontend("a").Routes.Rules).Route);
    }

    [Fact]
    public void From_ambient_a_backend_with_a_waypoint_is_called_by_its_cluster_address()
    {
        var snapshot = Compile(
            Ambient(), null,
            Given.Service("front"),
            Given.Route("r", "front", Given.Rule(Given.Backend("a", 9), Given.Backend("b", 1))),
            WithWaypoint("a", "10.96.0.1"), Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1")),
            Given.Service("b"), Given.Slice("t", "b", 80, Given.Endpoint("10.0.0.3")));

        var backends = Assert.Single(snapshot.Frontend("front").Routes.Rules).Backends.Backends;
        Assert.Equal([9, 1], backends.Select(static backend => backend.Weight));
        Assert.All(backends, static backend => Assert.Null(backend.Failure));
        Assert.Equal(["10.96.0.1:80 None"], Endpoints(snapshot, "a"));
        Assert.Equal(["10.0.0.3:80 None"], Endpoints(snapshot, "b"));
    }

    [Fact]
    public void A_destination_rule_of_a_service_with_a_waypoint_is_left_to_it()
    {
        var rule = Given.Policy("r", "a", "ROUND_ROBIN");
        rule = rule with
        {
            Spec = rule.Spec with { TrafficPolicy = rule.Spec.TrafficPolicy! with { Tls = new ClientTlsSettings { Mode = "ISTIO_MUTUAL" }, OutlierDetection = Given.Json("{}") } },
        };
        var snapshot = Compile(Ambient(), null, WithWaypoint("a", "10.96.0.1"), rule);
        var cluster = snapshot.Cluster("a");
        Assert.Null(cluster.Tls);
        Assert.Null(cluster.OutlierDetection);
        Assert.Equal(["10.96.0.1:80 None"], Endpoints(snapshot, "a"));
    }

    [Theory]
    [InlineData("None", false)]
    [InlineData("None", true)]
    [InlineData("None", false, "10.96.0.1")]
    public void A_headless_service_has_no_way_to_its_waypoint(string clusterIP, bool allowed, string? taken = null)
    {
        var own = taken ?? clusterIP;
        Resource[] more = taken is null ? [] : [WithAddress(Given.Service("older"), taken)];
        var snapshot = Compile(Ambient() with { AllowsWaypointBypass = allowed }, null, [WithWaypoint("a", own).CreatedAt(5), .. more]);
        var failure = Assert.Single(Assert.Single(snapshot.Frontend("a").Routes.Rules).Backends.Backends).Failure;
        Assert.Equal(allowed, failure is null);
        if (!allowed)
        {
            Assert.Equal((503, "WaypointBypassed"), (failure!.Status, failure.Reason));
            Assert.Contains("no cluster address that leads to it", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void From_outside_of_ambient_calls_to_the_service_are_refused()
    {
        var snapshot = Compile(
            new CallerContext { Namespace = "ns", Pod = "me" }, null,
            WithWaypoint("a", "10.96.0.1"), Given.Service("b"), Given.Route("r", "a", Given.Rule(Given.Backend("b"))));
        var failure = Assert.Single(Assert.Single(snapshot.Frontend("a").Routes.Rules).Backends.Backends).Failure!;
        Assert.Equal((503, "WaypointBypassed"), (failure.Status, failure.Reason));
        Assert.Equal(
            "Service ns/a has the waypoint ns/w (label istio.io/use-waypoint of Service ns/a), and no call of this process would get there: it is not in ambient mode "
            + "(nothing is known of its own Pod ns/me). Put its pod into ambient mode (Mesh:DataPlane=Ambient where that cannot be found out), or let calls go past the "
            + "waypoint with Mesh:AllowWaypointBypass=true",
            failure.Message);
        Assert.Equal(["Error WaypointBypassed"], snapshot.Service("a").Diagnostics.Codes());
    }

    [Fact]
    public void From_outside_of_ambient_its_share_of_a_route_is_refused()
    {
        var snapshot = Compile(
            new CallerContext { Namespace = "ns" }, null,
            Given.Service("front"), Given.Route("r", "front", Given.Rule(Given.Backend("a", 9), Given.Backend("b", 1))),
            Given.Service("a"), Space("istio.io/use-waypoint=w"), Labelled(Given.Service("b"), "istio.io/use-waypoint=none"), Labelled(Given.Service("front"), "istio.io/use-waypoint=none"));
        var backends = Assert.Single(snapshot.Frontend("front").Routes.Rules).Backends.Backends;
        Assert.Equal(["WaypointBypassed", null], backends.Select(static backend => backend.Failure?.Reason));
        Assert.Equal(["Error WaypointBypassed spec.rules[0].backendRefs[0]"], snapshot.Service("front").Diagnostics.Codes());
    }

    [Fact]
    public void A_bypass_that_is_allowed_is_warned_of_and_routes_count_again()
    {
        var snapshot = Compile(
            new CallerContext { Namespace = "ns", AllowsWaypointBypass = true }, null,
            WithWaypoint("a", "10.96.0.1"), Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1")), Given.Service("b"),
            Given.Route("r", "a", Given.Rule(Given.Backend("b"))));
        Assert.Equal("r", Assert.Single(snapshot.Frontend("a").Routes.Rules).Route!.Name);
        Assert.Equal(["10.0.0.1:80 None"], Endpoints(snapshot, "a"));
        Assert.Equal(["Warning WaypointBypassed"], snapshot.Service("a").Diagnostics.Codes());
    }

    [Fact]
    public void Behind_a_sidecar_waypoints_are_none_of_the_processs_business()
    {
        var caller = new CallerContext { Namespace = "ns", Proxy = new LocalProxy(LocalProxyKind.Sidecar, "") };
        var snapshot = Compile(caller, null, WithWaypoint("a", "10.96.0.1"), Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1")));
        Assert.Equal(["10.0.0.1:80 None"], Endpoints(snapshot, "a"));
        Assert.Empty(snapshot.Service("a").Diagnostics);
    }

    [Fact]
    public void By_way_of_a_waypoint_nothing_else_has_to_be_known()
    {
        var store = Given.Store(WithWaypoint("a", "10.96.0.1"), Given.Service("front"), Given.Route("r", "front", Given.Rule(Given.Backend("a"))));
        var compiler = new MeshCompiler(Ambient(), CompilerOptions.Default);
        compiler.Apply(store, [new("DestinationRule", "ns", null, "?"), new("EndpointSlice", "ns", "a", "?"), new("GRPCRoute", "ns", null, "?")]);
        var snapshot = compiler.Compile(store);
        Assert.Null(Assert.Single(Assert.Single(snapshot.Frontend("a").Routes.Rules).Backends.Backends).Failure);
        Assert.Null(snapshot.Frontend("a").Grpc);
        Assert.Null(Assert.Single(Assert.Single(snapshot.Frontend("front").Routes.Rules).Backends.Backends).Failure);
    }

    [Fact]
    public void A_namespace_touches_its_services_and_the_routes_to_them_and_only_where_its_waypoint_changes()
    {
        var store = Given.Store(
            Given.Service("a"), Given.Service("other/b"), Given.Service("third/c"), Given.Route("third/r", [Given.Parent("third/c")], Given.Rule(Given.Backend("a"))));
        var compiler = new MeshCompiler(Ambient(), CompilerOptions.Default);
        var snapshot = compiler.Compile(store);

        Assert.Empty(Apply(Space("team=x")));
        Assert.Equal(["ns/a", "third/c"], Apply(Space("istio.io/use-waypoint=w")));
        Assert.Equal("WaypointBypassed", Failure());
        Assert.Empty(Apply(Space("istio.io/use-waypoint=w team=y")));
        Assert.Equal(["ns/a", "third/c"], Apply(Space("istio.io/use-waypoint=none")));
        Assert.Null(Failure());
        Assert.Equal(["ns/a", "third/c"], Apply(Space("istio.io/use-waypoint=w")));
        Assert.Equal(["ns/a", "third/c"], Dirty(store.Apply([], [new ResourceKey("Namespace", "", "ns")])));
        Assert.Null(Failure());

        string? Failure() => Assert.Single(Assert.Single(snapshot.Frontend("a").Routes.Rules).Backends.Backends).Failure?.Reason;

        List<string> Apply(Resource resource) => Dirty(store.Apply([resource], []));

        List<string> Dirty(IReadOnlyCollection<ServiceId> dirty)
        {
            snapshot = compiler.Recompile(snapshot, store, dirty);
            return [.. dirty.Select(static id => id.ToString()).Order()];
        }
    }

    private static CallerContext Ambient() => new() { Namespace = "ns", Proxy = new LocalProxy(LocalProxyKind.Ambient, "") };

    private static MeshSnapshot Compile(CallerContext caller, CompilerOptions? options, params Resource[] resources) =>
        new MeshCompiler(caller, options ?? CompilerOptions.Default).Compile(Given.Store(resources));

    private static ImmutableArray<string> Endpoints(MeshSnapshot snapshot, string service) =>
        [.. snapshot.Cluster(service).Endpoints.Select(static endpoint => $"{endpoint.HostPort} {endpoint.Tls}")];

    private static Service WithWaypoint(string name, string clusterIP) => Labelled(WithAddress(Given.Service(name), clusterIP), $"{Use}=w");

    private static Service WithAddress(Service service, string clusterIP) => service with { Spec = service.Spec with { ClusterIP = clusterIP } };

    private static Namespace Space(string labels) => Labelled(new Namespace { Metadata = new ObjectMeta { Name = "ns" } }, labels);

    private static T Labelled<T>(T resource, string labels)
        where T : Resource => (T)(resource with
        {
            Metadata = resource.Metadata with
            {
                Labels = labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static label => label.Split('=')).ToDictionary(static label => label[0], static label => label[1]),
            },
        });
}
