using System.Globalization;
using MeshSdk.Compilation;
using MeshSdk.Compilation.Localities;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Localities;

/// <summary>What becomes of places, rules and Services in the model.</summary>
public sealed class LocalityTests
{
    private static readonly CallerContext Caller = new() { Namespace = Given.Namespace, Locality = new("r", "z1", ""), Node = "n1" };

    private static readonly Node[] Nodes = [Node("n1", "r", "z1"), Node("n2", "r", "z2"), Node("n3", "q", "z3")];

    private static readonly EndpointSlice Slice =
        Given.Slice("s", "a", 80, On("n1", "10.0.0.1"), On("n2", "10.0.0.2"), On("n3", "10.0.0.3"), On(null, "10.0.0.4"));

    public static TheoryData<string, object, object, object?, string> Places => new()
    {
        { "nothing is known", On(null, "10.0.0.1"), Nodes, null, "" },
        { "the slice tells the zone", On(null, "10.0.0.1") with { Zone = "z9" }, Nodes, null, "/z9" },
        { "the node tells the rest", On("n1", "10.0.0.1") with { Zone = "z9" }, Nodes, null, "r/z9" },
        { "the node tells everything", On("n1", "10.0.0.1"), Nodes, null, "r/z1" },
        { "and the subzone", On("n1", "10.0.0.1"), new[] { Node("n1", "r", "z1", "s1") }, null, "r/z1/s1" },
        { "a node that is not read tells nothing", On("n9", "10.0.0.1"), Nodes, null, "" },
        {
            "pods carry the labels of their nodes", On("n9", "10.0.0.1"), Nodes,
            new Dictionary<string, string> { ["topology.kubernetes.io/region"] = "x", ["topology.kubernetes.io/zone"] = "y", ["topology.istio.io/subzone"] = "w" }, "x/y/w"
        },
        { "a node knows better", On("n1", "10.0.0.1"), Nodes, new Dictionary<string, string> { ["topology.kubernetes.io/region"] = "x" }, "r/z1" },
        { "a pod that says it itself knows best", On("n1", "10.0.0.1") with { Zone = "z9" }, Nodes, new Dictionary<string, string> { ["istio-locality"] = "a.b.c" }, "a/b/c" },
        { "with slashes too", On("n1", "10.0.0.1"), Nodes, new Dictionary<string, string> { ["istio-locality"] = "a/b.c" }, "a/b.c" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void A_place_is_told_by_slice_node_and_pod(string rule, object stated, object nodes, object? labels, string expected)
    {
        Assert.NotEmpty(rule);
        var endpoint = (SliceEndpoint)stated with { TargetRef = new ObjectReference { Kind = "Pod", Name = "web-1" } };
        var pod = Given.Pod("web-1");
        pod = pod with { Metadata = pod.Metadata with { Labels = (Dictionary<string, string>?)labels } };
        var cluster = Given.Snapshot([Given.Service("a"), Given.Slice("s", "a", 80, endpoint), pod, .. (Node[])nodes]).Cluster("a");
        Assert.Equal(expected, cluster.Endpoints[0].Locality.ToString());
    }

    [Theory]
    [InlineData("""{}""", "0 1 2 2")]
    [InlineData("""{"failover":[{"from":"r","to":"q"}]}""", "0 1 2 3")]
    [InlineData("""{"failoverPriority":["topology.kubernetes.io/region"]}""", "0 0 1 1")]
    [InlineData("""{"enabled":false}""", "0 0 0 0")]
    [InlineData("""{"distribute":[{"from":"r/*","to":{"r/z2":20,"q/*":80}}]}""", "x 0 0 x")]
    [InlineData("""{"distribute":[{"from":"r/*","to":{"r/z2":20}}]}""", "0 1 2 2")]
    [InlineData(null, "0 1 2 2")]
    public void A_rule_with_outlier_detection_orders_endpoints(string? block, string expected) =>
        Assert.Equal(expected, Ranks(Compile(Caller, Rule(block, outlierDetection: true))));

    [Theory]
    [InlineData("""{}""", "0 0 0 0")]
    [InlineData("""{"failover":[{"from":"r","to":"q"}]}""", "0 0 0 0")]
    [InlineData("""{"distribute":[{"from":"r/*","to":{"r/z2":20,"q/*":80}}]}""", "x 0 0 x")]
    public void A_rule_without_it_does_nothing_but_distribute(string block, string expected) =>
        Assert.Equal(expected, Ranks(Compile(Caller, Rule(block, outlierDetection: false))));

    [Theory]
    [InlineData("PreferSameZone", "0 1 2 2")]
    [InlineData("PreferClose", "0 1 2 2")]
    [InlineData("PreferSameNode", "0 1 2 2")]
    [InlineData(null, "0 0 0 0")]
    public void A_service_orders_its_endpoints_without_a_rule(string? distribution, string expected) =>
        Assert.Equal(expected, Ranks(Compile(Caller, distribution: distribution)));

    [Fact]
    public void The_same_node_comes_before_the_same_zone()
    {
        var cluster = Compile(Caller, distribution: "PreferSameNode", extra: Given.Slice("s2", "a", 80, On("n1b", "10.0.0.5") with { Zone = "z1" }, On("n2", "10.0.0.6"))).Cluster("a");
        Assert.Equal("0 2 3 3 1 2", Ranks(cluster));
    }

    [Fact]
    public void A_rule_comes_before_its_service()
    {
        Assert.Equal("0 0 0 0", Ranks(Compile(Caller, Rule("""{"enabled":false}""", outlierDetection: true), distribution: "PreferSameZone")));
        Assert.Equal("0 0 0 0", Ranks(Compile(Caller, Rule("{}", outlierDetection: false), distribution: "PreferSameZone")));
        Assert.Equal("0 1 2 2", Ranks(Compile(Caller, Rule(null, outlierDetection: true), distribution: "PreferSameZone")));
    }

    [Fact]
    public void The_mesh_comes_last()
    {
        var mesh = Mesh("{failoverPriority: [topology.kubernetes.io/region]}");
        Assert.Equal("0 0 1 1", Ranks(Compile(Caller, Rule(null, outlierDetection: true), extra: mesh)));
        Assert.Equal("0 0 0 0", Ranks(Compile(Caller, extra: mesh)));
        Assert.Equal("0 0 0 0", Ranks(Compile(Caller, Rule(null, outlierDetection: true), extra: Mesh("{enabled: false}"))));
        Assert.Equal("0 1 2 2", Ranks(Compile(Caller, distribution: "PreferSameZone", extra: mesh)));
        Assert.Equal("0 1 2 2", Ranks(Compile(Caller, Rule("{}", outlierDetection: true), extra: mesh)));

        static MeshConfigMap Mesh(string setting) => new()
        {
            Metadata = new ObjectMeta { Namespace = "istio-system", Name = "istio" },
            Data = new MeshConfigData { Mesh = $"localityLbSetting: {setting}" },
        };
    }

    // No Nodes: slices tell the zone, or nothing at all.
    [Theory]
    [InlineData("""{"distribute":[{"from":"r/*","to":{"r/*":20,"q/*":80}}]}""", true, "0 0", "localityLbSetting.distribute[0].to")]
    [InlineData("""{"distribute":[{"from":"r/*","to":{"r/*":20,"q/*":80}}]}""", false, "0 0", "localityLbSetting.distribute[0].to")]
    [InlineData("""{"distribute":[{"from":"r/*","to":{"r/z1":100}}]}""", true, "0 x", null)]
    [InlineData("""{"failover":[{"from":"r","to":"q"}]}""", true, "0 1", "localityLbSetting.failover")]
    [InlineData("{}", true, "0 1", null)]
    public void What_needs_regions_does_not_refuse_calls_where_nodes_are_not_read(string block, bool zones, string expected, string? doubt)
    {
        var slice = Given.Slice("s", "a", 80, At("n1", "10.0.0.1", "z1"), At("n2", "10.0.0.2", "z2"));
        var mesh = new MeshConfigMap
        {
            Metadata = new ObjectMeta { Namespace = "istio-system", Name = "istio" }, Data = new MeshConfigData { Mesh = $"localityLbSetting: {block}" },
        };
        Judge(CompileAlone(Caller, slice, Rule(block, outlierDetection: true)), "Warning Ignored spec.trafficPolicy.loadBalancer.");
        Judge(CompileAlone(Caller, slice, Rule(null, outlierDetection: true), mesh), "Warning Ignored data.mesh.");

        SliceEndpoint At(string node, string address, string zone) => On(node, address) with { Zone = zones ? zone : null };

        void Judge(MeshSnapshot snapshot, string path)
        {
            Assert.Equal(expected, Ranks(snapshot));
            Assert.Equal(doubt is null ? [] : [path + doubt], snapshot.AllDiagnostics().Codes());
            Assert.All(snapshot.AllDiagnostics(), static told => Assert.Contains("Service ns/a", told.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_distribution_among_places_without_endpoints_does_not_count_and_names_those_that_have_some()
    {
        var snapshot = Compile(Caller, Rule("""{"distribute":[{"from":"r/*","to":{"x/*":100}}]}""", outlierDetection: false));
        Assert.Equal("0 0 0 0", Ranks(snapshot));
        Assert.Contains("r/z1, r/z2, q/z3", Assert.Single(snapshot.AllDiagnostics()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_caller_without_a_locality_has_no_preference() =>
        Assert.Equal("0 0 0 0", Ranks(Compile(Caller with { Locality = null, Node = null }, Rule("""{"failover":[{"from":"r","to":"q"}]}""", outlierDetection: true))));

    [Fact]
    public void A_caller_is_where_its_node_is_unless_it_was_told()
    {
        Assert.Equal("1 0 2 2", Ranks(Compile(Caller with { Locality = null, Node = "n2" }, Rule(null, outlierDetection: true))));
        Assert.Equal("1 1 0 1", Ranks(Compile(Caller with { Locality = new("q", "z3", ""), Node = "n2" }, Rule(null, outlierDetection: true))));
    }

    [Fact]
    public void A_caller_is_where_its_pod_says_where_nodes_are_not_read()
    {
        var pod = Given.Pod("me");
        pod = pod with { Metadata = pod.Metadata with { Labels = new() { [TopologyLabels.Region] = "q", [TopologyLabels.Zone] = "z3" } } };
        var caller = Caller with { Locality = null, Node = null, Pod = "me" };

        // Which slices are there is what makes the store keep pods at all.
        Assert.Equal("1 1 0 1", Ranks(Compile(caller, Rule(null, outlierDetection: true), extra: pod)));
    }

    [Fact]
    public void Hints_are_kept_to_where_nothing_else_is_said()
    {
        Resource[] hinted = [Hinted("10.0.0.1", "z1"), Hinted("10.0.0.2", "z2"), Hinted("10.0.0.3", "z1")];
        Assert.Equal("0 x 0", Ranks(CompileAlone(Caller, hinted)));
        Assert.Equal("0 0 0", Ranks(CompileAlone(Caller with { Locality = new("r", "z9", "") }, hinted)));
        Assert.Equal("0 0 0", Ranks(CompileAlone(Caller with { Locality = null }, hinted)));
        Assert.Equal("0 0 0", Ranks(CompileAlone(Caller, [.. hinted, Rule("{}", outlierDetection: false)])));
        Assert.Equal("0 0 0", Ranks(CompileAlone(Caller, [.. hinted, Rule("""{"enabled":false}""", outlierDetection: false)])));
    }

    public static TheoryData<string, string, string> HintRules => new()
    {
        // Each endpoint: health, zones after @, nodes after #. The caller is in zone z1 on node n1.
        { "all have hints and one is for us", "r@z1 r@z2", "0 x" },
        { "one has none", "r@z1 r", "0 0" },
        { "none is for us", "r@z2 r@z3", "0 0" },
        { "only ready ones have to have them", "r@z1 r@z2 u t", "0 x x x" },
        { "none that is ready is for us", "u@z1 r@z2", "0 0" },
        { "hints for nodes come first", "r@z1#n1 r@z1#n2", "0 x" },
        { "of those too all have to have them", "r@z1#n1 r@z2", "0 x" },
        { "no node is for us", "r@z1#n3 r@z2#n4", "0 x" },
        { "one endpoint may be for many", "r@z1,z2 r@z2", "0 x" },
    };

    [Theory]
    [MemberData(nameof(HintRules))]
    public void Hints_are_for_all_or_for_nobody(string rule, string endpoints, string expected)
    {
        Assert.NotEmpty(rule);
        var slice = Given.Slice("s", "a", 80, [.. endpoints.Split(' ').Select(static (text, i) =>
        {
            var (head, nodes) = text.Split('#') is [var left, var right] ? (left, right) : (text, "");
            var (health, zones) = head.Split('@') is [var first, var second] ? (first, second) : (head, "");
            return Given.Endpoint(
                string.Create(CultureInfo.InvariantCulture, $"10.0.0.{i + 1}"), ready: health == "r", serving: health != "u", terminating: health == "t") with
            {
                Hints = zones.Length + nodes.Length == 0 ? null : new EndpointHints { ForZones = Targets(zones), ForNodes = Targets(nodes) },
            };
        })]);
        Assert.Equal(expected, Ranks(CompileAlone(Caller, slice)));
    }

    [Theory]
    [InlineData("n1", "Local", "0 x x x")]
    [InlineData("n9", "Local", "x x x x")]
    [InlineData("n1", "Cluster", "0 0 0 0")]
    [InlineData("n1", null, "0 0 0 0")]
    public void A_service_for_the_own_node_has_no_others(string node, string? policy, string expected) =>
        Assert.Equal(expected, Ranks(Compile(Caller with { Node = node }, internalPolicy: policy)));

    [Fact]
    public void It_comes_before_everything_else() =>
        Assert.Equal("0 x x x", Ranks(Compile(Caller, Rule(null, outlierDetection: true), distribution: "PreferSameZone", internalPolicy: "Local")));

    [Theory]
    [InlineData(null, "Local", "Warning Ignored spec.internalTrafficPolicy")]
    [InlineData("n1", "Nearby", "Warning UnsupportedValue spec.internalTrafficPolicy")]
    public void Where_it_cannot_be_kept_to_that_is_said(string? node, string policy, string expected)
    {
        var snapshot = Compile(Caller with { Node = node }, internalPolicy: policy);
        Assert.Equal("0 0 0 0", Ranks(snapshot));
        Assert.Equal([expected], snapshot.AllDiagnostics().Codes());
    }

    [Fact]
    public void What_is_not_acted_on_is_named()
    {
        var rule = Rule(null, outlierDetection: false);
        rule = rule with
        {
            Spec = rule.Spec with { TrafficPolicy = new TrafficPolicy { LoadBalancer = new LoadBalancerSettings { ZoneAwareLbSetting = Given.Json("{}") } } },
        };
        var service = Given.Service("a");
        var snapshot = CompileAlone(Caller, rule, service with { Spec = service.Spec with { SessionAffinity = "ClientIP" } });
        Assert.Equal(
            ["Warning NotImplemented spec.sessionAffinity", "Warning NotImplemented spec.trafficPolicy.loadBalancer.zoneAwareLbSetting"],
            snapshot.AllDiagnostics().Codes().Order());
    }

    [Fact]
    public void Nodes_touch_the_services_on_them_and_only_where_they_say_something_new()
    {
        var store = Given.Store([Given.Service("a"), Slice, Given.Service("b"), Given.Slice("sb", "b", 80, On("n2", "10.0.1.1"))]);
        var compiler = new MeshCompiler(Caller, CompilerOptions.Default);
        var snapshot = compiler.Compile(store);
        Assert.Equal("", snapshot.Cluster("a").Endpoints[0].Locality.ToString());

        Assert.Equal("a b", Apply([Nodes[1]]));
        Assert.Equal("r/z2", snapshot.Cluster("b").Endpoints[0].Locality.ToString());
        Assert.Equal("", Apply([Nodes[1] with { Metadata = Nodes[1].Metadata with { ResourceVersion = "2" } }]));
        Assert.Equal("a", Apply([Nodes[0], Node("n8", "r", "z8")]));
        Assert.Equal("a b", Apply([Node("n2", "r", "z7")]));
        Assert.Equal("r/z7", snapshot.Cluster("b").Endpoints[0].Locality.ToString());
        Assert.Equal("a b", Apply([], Nodes[1].Key));
        Assert.Equal("", snapshot.Cluster("b").Endpoints[0].Locality.ToString());

        string Apply(Resource[] upserts, params ResourceKey[] deletes)
        {
            var dirty = store.Apply([.. upserts], [.. deletes]);
            snapshot = compiler.Recompile(snapshot, store, dirty);
            Assert.Equal(SnapshotWriter.Write(new MeshCompiler(Caller, CompilerOptions.Default).Compile(store)), SnapshotWriter.Write(snapshot));
            return string.Join(' ', dirty.Select(static id => id.Name).Order());
        }
    }

    // Neither slice says on which node the endpoint is: its pod does.
    [Fact]
    public void Nodes_touch_the_services_whose_pods_are_on_them()
    {
        var endpoint = Given.Endpoint("10.0.0.1") with { TargetRef = new ObjectReference { Kind = "Pod", Name = "web-1" } };
        var pod = Given.Pod("web-1");
        var store = Given.Store(Given.Service("a"), Given.Slice("s", "a", 80, endpoint), pod);
        var compiler = new MeshCompiler(Caller, CompilerOptions.Default);
        var snapshot = compiler.Compile(store);
        Assert.Equal("", Apply(Nodes[1]));
        Assert.Equal("r/z2", Apply(pod with { Spec = pod.Spec with { NodeName = "n2" } }));
        Assert.Equal("r/z7", Apply(Node("n2", "r", "z7")));

        string Apply(Resource upsert)
        {
            snapshot = compiler.Recompile(snapshot, store, store.Apply([upsert], []));
            return snapshot.Cluster("a").Endpoints[0].Locality.ToString();
        }
    }

    [Fact]
    public void Labels_of_the_own_pod_select_rules_as_soon_as_they_are_known_and_those_of_the_options_come_before_them()
    {
        var rule = Given.Policy("p", "a", "RANDOM");
        rule = rule with { Spec = rule.Spec with { WorkloadSelector = new WorkloadSelector { MatchLabels = new() { ["app"] = "me" } } } };
        var pod = Given.Pod("me-1");
        pod = pod with { Metadata = pod.Metadata with { Labels = new() { ["app"] = "me" } } };
        foreach (var (stated, expected) in new (string?, LoadBalancerKind)[] { (null, LoadBalancerKind.Random), ("other", LoadBalancerKind.LeastRequest) })
        {
            var caller = Caller with { Pod = "me-1" };
            caller = stated is null ? caller : caller with { Labels = new Dictionary<string, string> { ["app"] = stated } };
            var store = Given.Store(Given.Service("a"), rule);
            var compiler = new MeshCompiler(caller, CompilerOptions.Default);
            var snapshot = compiler.Compile(store);
            Assert.Equal(LoadBalancerKind.LeastRequest, snapshot.Cluster("a").LoadBalancer);
            IEnumerable<ServiceId> dirty = [.. store.Apply([pod], []), .. compiler.FindPlace(store)];
            Assert.Equal(expected, compiler.Recompile(snapshot, store, [.. dirty]).Cluster("a").LoadBalancer);
        }
    }

    [Fact]
    public void All_services_are_looked_at_again_when_the_caller_finds_out_where_it_is()
    {
        var store = Given.Store([Given.Service("a"), Slice, Given.Service("b"), Rule(null, outlierDetection: true), Nodes[0], Nodes[1]]);
        var compiler = new MeshCompiler(Caller with { Locality = null, Node = "n3" }, CompilerOptions.Default);
        var snapshot = compiler.Compile(store);
        Assert.Empty(compiler.FindPlace(store));
        Assert.Equal("0 0 0 0", Ranks(snapshot));

        store.Apply([Nodes[2]], []);
        var dirty = compiler.FindPlace(store);
        Assert.Equal(["a", "b"], dirty.Select(static id => id.Name).Order());
        Assert.Equal("1 1 0 1", Ranks(compiler.Recompile(snapshot, store, dirty)));
        store.Apply([Nodes[2] with { Metadata = Nodes[2].Metadata with { ResourceVersion = "3" } }], []);
        Assert.Empty(compiler.FindPlace(store));
    }

    [Fact]
    public void Endpoints_of_a_place_share_its_locality_and_their_hints()
    {
        var cluster = Given.Snapshot([
            Given.Service("a"), Given.Slice("s", "a", 80, [.. Enumerable.Range(1, 100).Select(static i => On("n1", $"10.0.0.{i}"))]), .. Nodes]).Cluster("a");
        Assert.Single(cluster.Endpoints.Select(static endpoint => endpoint.Locality).ToHashSet(ReferenceEqualityComparer.Instance));
        Assert.Same(Hint("z1"), Hint("z1"));
        Assert.NotSame(Hint("z1"), Hint("z2"));

        static EndpointHints? Hint(string zone) => new SliceEndpoint { Hints = new EndpointHints { ForZones = Targets(zone) } }.Hints;
    }

    private static MeshSnapshot Compile(
        CallerContext caller, DestinationRule? rule = null, string? distribution = null, string? internalPolicy = null, Resource? extra = null)
    {
        var service = Given.Service("a");
        service = service with { Spec = service.Spec with { TrafficDistribution = distribution, InternalTrafficPolicy = internalPolicy } };
        Resource?[] resources = [service, Slice, rule, extra, .. Nodes];
        return new MeshCompiler(caller, CompilerOptions.Default).Compile(Given.Store([.. resources.OfType<Resource>()]));
    }

    private static MeshSnapshot CompileAlone(CallerContext caller, params Resource[] resources) =>
        new MeshCompiler(caller, CompilerOptions.Default).Compile(Given.Store([Given.Service("a"), .. resources]));

    private static string Ranks(MeshSnapshot snapshot) => Ranks(snapshot.Cluster("a"));

    /// <summary>Priorities in the order of addresses, and an x for those that are excluded.</summary>
    private static string Ranks(ClusterModel cluster) => string.Join(' ', cluster.Endpoints
        .Select(static endpoint => endpoint.IsExcluded ? "x" : endpoint.Priority.ToString(CultureInfo.InvariantCulture)));

    private static DestinationRule Rule(string? block, bool outlierDetection)
    {
        var rule = Given.Policy("p", "a", "ROUND_ROBIN");
        return rule with
        {
            Spec = rule.Spec with
            {
                TrafficPolicy = new TrafficPolicy
                {
                    LoadBalancer = block is null ? null : new LoadBalancerSettings { LocalityLbSetting = Given.Json(block) },
                    OutlierDetection = outlierDetection ? Given.Json("{}") : null,
                },
            },
        };
    }

    private static EndpointSlice Hinted(string address, string zone) =>
        Given.Slice($"s{address}", "a", 80, Given.Endpoint(address) with { Hints = new EndpointHints { ForZones = Targets(zone) } });

    private static System.Collections.Immutable.ImmutableArray<HintTarget>? Targets(string text) =>
        text.Length == 0 ? null : [.. text.Split(',').Select(static name => new HintTarget { Name = name })];

    private static SliceEndpoint On(string? node, string address) => Given.Endpoint(address) with { NodeName = node };

    private static Node Node(string name, string region, string zone, string? subZone = null)
    {
        var labels = new Dictionary<string, string> { [TopologyLabels.Region] = region, [TopologyLabels.Zone] = zone };
        if (subZone is not null)
        {
            labels[TopologyLabels.SubZone] = subZone;
        }

        return new Node { Metadata = new ObjectMeta { Name = name, Labels = labels } };
    }
}
