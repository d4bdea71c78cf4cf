using CsCheck;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>Objects that nobody could read are not taken for absent.</summary>
public sealed class UnknownTests
{
    private static readonly string[] Callers = ["ns", "other", "third", "istio-system"];

    private static readonly Gen<UnknownScope> Scope = Gen.Select(
        Const("HTTPRoute", "GRPCRoute", "DestinationRule", "BackendTLSPolicy", "ReferenceGrant", "XBackendTrafficPolicy", "EndpointSlice", "Service", "Pod", "PeerAuthentication", "Secret", "ConfigMap"),
        Const<string?>(null, "ns", "other", "istio-system", "elsewhere"),
        Const<string?>(null, null, "a", "b"),
        static (kind, ns, name) => new UnknownScope(kind, ns, name, "forbidden"));

    private static readonly Resource[] Mesh =
    [
        Given.Service("a"), Given.Slice("a1", "a", 8080, Given.Endpoint("10.0.0.1")),
        Given.Service("b"), Given.Slice("b1", "b", 8080, Given.Endpoint("10.0.0.2")),
        Given.Service("direct"), Given.Slice("d1", "direct", 8080, Given.Endpoint("10.0.0.3")),
        Given.Route("r", "a", Given.Rule(Given.Backend("a", 1), Given.Backend("b", 2), Given.Backend("gone", 3))),
    ];

    public static TheoryData<string, string, string?, string?, string> Scopes => new()
    {
        // Caller, kind, namespace, name; then what calls to a, shares of a's route and calls to direct meet.
        { "ns", "HTTPRoute", "ns", null, "a: 503 PolicyUnknown; direct: 503 PolicyUnknown" },
        { "ns", "HTTPRoute", null, null, "a: 503 PolicyUnknown; direct: 503 PolicyUnknown" },
        { "ns", "HTTPRoute", "other", null, "a: - - 500 BackendNotFound; direct: -" },
        { "other", "HTTPRoute", "other", null, "a: 503 PolicyUnknown; direct: 503 PolicyUnknown" },
        { "other", "HTTPRoute", "ns", null, "a: 503 PolicyUnknown; direct: 503 PolicyUnknown" },
        { "ns", "DestinationRule", "ns", null, "a: 503 PolicyUnknown 503 PolicyUnknown 500 BackendNotFound; direct: 503 PolicyUnknown" },
        { "other", "DestinationRule", "ns", null, "a: 503 PolicyUnknown 503 PolicyUnknown 500 BackendNotFound; direct: 503 PolicyUnknown" },
        { "other", "DestinationRule", "other", null, "a: 503 PolicyUnknown 503 PolicyUnknown 500 BackendNotFound; direct: 503 PolicyUnknown" },
        { "ns", "DestinationRule", "istio-system", null, "a: 503 PolicyUnknown 503 PolicyUnknown 500 BackendNotFound; direct: 503 PolicyUnknown" },
        { "ns", "DestinationRule", "elsewhere", null, "a: - - 500 BackendNotFound; direct: -" },
        { "ns", "GRPCRoute", "ns", null, "a: - - 500 BackendNotFound; direct: -" },
        { "ns", "BackendTLSPolicy", "ns", null, "a: 503 PolicyUnknown 503 PolicyUnknown 500 BackendNotFound; direct: 503 PolicyUnknown" },
        { "ns", "BackendTLSPolicy", "other", null, "a: - - 500 BackendNotFound; direct: -" },
        { "ns", "ReferenceGrant", "ns", null, "a: - - 500 BackendNotFound; direct: -" },
        { "ns", "XBackendTrafficPolicy", "ns", null, "a: - - 500 BackendNotFound; direct: -" },
        { "ns", "EndpointSlice", "ns", "b", "a: - 503 EndpointsUnknown 500 BackendNotFound; direct: -" },
        { "ns", "EndpointSlice", "ns", "direct", "a: - - 500 BackendNotFound; direct: 503 EndpointsUnknown" },
        { "ns", "EndpointSlice", "ns", null, "a: 503 EndpointsUnknown 503 EndpointsUnknown 500 BackendNotFound; direct: 503 EndpointsUnknown" },
        { "ns", "Service", "ns", "gone", "a: - - 503 BackendUnknown; direct: -" },
        { "ns", "Service", "ns", null, "a: - - 503 BackendUnknown; direct: -" },
        { "ns", "Service", "ns", "b", "a: - - 500 BackendNotFound; direct: -" },
        { "ns", "Pod", null, null, "a: - - 500 BackendNotFound; direct: -" },
    };

    /// <summary>One look at each rule for each service is a million, at hundreds of bytes each.</summary>
    [Fact]
    public void What_rules_name_is_looked_up_and_not_searched_for_service_by_service()
    {
        const int Services = 2_000, Rules = 500;
        var store = Given.Store(
        [
            .. Enumerable.Range(0, Services).Select(static i => Given.Service($"s{i}")),
            .. Enumerable.Range(0, Rules).Select(static i => Tls.TlsObjects.Rule(new ClientTlsSettings { Mode = "SIMPLE", CredentialName = $"c{i}" }, $"s{i}", $"r{i}")),
        ]);
        var compiler = Given.Compiler();
        compiler.Apply(store, []);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var dirty = compiler.Apply(store, [new("Secret", "ns", "c7", "forbidden")]);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal([Given.Id("s7")], dirty);
        Assert.InRange(allocated, 0, Services * 10_000L);

        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(compiler.Apply(store, [new("Secret", "ns", "c7", "forbidden for another reason")]));
        Assert.Equal(Services, compiler.Apply(store, [new("Secret", "ns", "c7", "forbidden"), new("EndpointSlice", "ns", null, "forbidden")]).Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Services * 10_000L);
    }

    [Theory]
    [MemberData(nameof(Scopes))]
    public void What_depends_on_it_fails_and_nothing_else(string caller, string kind, string? ns, string? name, string expected)
    {
        var snapshot = Compile(caller, [new(kind, ns, name, "grant list on it")], Mesh);
        Assert.Equal(expected, $"a: {Answers(snapshot, "a")}; direct: {Answers(snapshot, "direct")}");
        foreach (var failure in Failures(snapshot, "a").Concat(Failures(snapshot, "direct")).Where(static failure => failure is { Status: 503 }))
        {
            Assert.EndsWith(": grant list on it", failure!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_problem_is_named_where_it_bites()
    {
        var snapshot = Compile("ns", [new("EndpointSlice", "ns", "b", "endpointslices are forbidden; grant list and watch")], Mesh);
        Assert.Contains(
            "Service ns/b: it is not known which endpoints Service ns/b has: endpointslices are forbidden; grant list and watch; "
            + "calls that lead to it are answered with 503 [EndpointsUnknown]",
            snapshot.Service("b").Diagnostics.Select(static d => d.ToString()));
        Assert.Contains(snapshot.Service("a").Diagnostics, static d => d is { Code: "EndpointsUnknown", Path: "spec.rules[0].backendRefs[1]", Subject: "HTTPRoute ns/r" });
        Assert.Empty(snapshot.Service("direct").Diagnostics);
    }

    [Fact]
    public void Known_routes_of_the_caller_replace_those_of_the_service_which_then_need_not_be_known()
    {
        Resource[] mesh = [.. Mesh, Given.Route("other/mine", [Given.Parent("direct", 80)], Given.Rule(Given.Backend("ns/a", 1)))];
        UnknownScope[] unknown = [new("HTTPRoute", "ns", null, "forbidden")];
        var snapshot = Compile("other", unknown, [.. mesh, Given.Service("two", "80", "b:81"), Given.Route("other/t", [Given.Parent("two", 81)], Given.Rule(Given.Backend("ns/a")))]);
        Assert.Equal(RouteScope.Consumer, snapshot.Frontend("direct").Scope);
        Assert.Equal("-", Answers(snapshot, "direct"));

        // Port by port, as routes apply.
        Assert.Equal("503 PolicyUnknown", Answers(snapshot, "two", 80));
        Assert.Equal("-", Answers(snapshot, "two", 81));

        // Of the service's own namespace the same route does not even count.
        Assert.Equal("503 PolicyUnknown", Answers(Compile("ns", unknown, mesh), "direct"));
    }

    [Theory]
    [InlineData("other/p", "other", "ns", "-")]
    [InlineData("other/p", "other", "istio-system", "-")]
    [InlineData("ns/p", "other", "istio-system", "-")]
    [InlineData("ns/p", "other", "other", "503 PolicyUnknown")]
    [InlineData("istio-system/p", "other", "ns", "503 PolicyUnknown")]
    [InlineData("ns/p", "istio-system", "istio-system", "503 PolicyUnknown")]
    public void A_rule_that_decides_before_the_search_gets_there_makes_it_known(string rule, string caller, string unknown, string expected)
    {
        var snapshot = Compile(
            caller,
            [new("DestinationRule", unknown, null, "forbidden")],
            [.. Mesh, Given.Policy(rule, "direct.ns.svc.cluster.local", "RANDOM", rule.StartsWith(caller, StringComparison.Ordinal) ? "." : "*")]);
        Assert.Equal(expected, Answers(snapshot, "direct"));
    }

    [Theory]
    [InlineData("ns", "ns", "503", "-")]
    [InlineData("ns", "other", "-", "-")]
    [InlineData("other", "other", "503", "-")]
    [InlineData("other", "ns", "503", "-")]
    public void Without_word_of_GRPCRoutes_gRPC_calls_fail_and_all_others_go_on(string caller, string unknown, string grpc, string others)
    {
        var frontend = Compile(caller, [new("GRPCRoute", unknown, null, "grant list on it")], Mesh).Frontend("direct");
        Assert.Equal(others, StatusOf(frontend.Routes));
        Assert.Equal(grpc, StatusOf(frontend.Grpc?.Routes ?? frontend.Routes));

        static string StatusOf(RouteTable table) => table.Rules[table.Matches[0].Rule].Failure?.Status.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-";
    }

    [Fact]
    public void Known_GRPCRoutes_of_the_caller_need_no_word_of_any_HTTPRoutes()
    {
        Resource[] mesh = [.. Mesh, Given.GrpcRoute("other/mine", "direct", Given.GrpcRule(Given.Backend("ns/b")))];
        var frontend = Compile("other", [new("HTTPRoute", null, null, "forbidden"), new("GRPCRoute", "ns", null, "forbidden")], mesh).Frontend("direct");
        Assert.Equal(RouteScope.Consumer, frontend.Grpc!.Scope);
        Assert.Null(frontend.Grpc.Routes.Rules[0].Failure);
        Assert.Equal(503, frontend.Routes.Rules[0].Failure!.Status);
    }

    [Theory]
    [InlineData("ISTIO_MUTUAL", false, null)]
    [InlineData("DISABLE", false, null)]
    [InlineData(null, false, "PolicyUnknown")]
    [InlineData("ISTIO_MUTUAL", true, "PolicyUnknown")]
    public void A_rule_that_says_how_TLS_is_done_with_every_port_needs_no_word_of_BackendTLSPolicies(string? mode, bool hasOpenPort, string? expected)
    {
        var rule = Given.Policy("p", "direct", "RANDOM");
        var policy = rule.Spec.TrafficPolicy! with
        {
            Tls = mode is null ? null : new ClientTlsSettings { Mode = mode },
            PortLevelSettings = hasOpenPort ? [new TrafficPolicy { Port = new PortSelector { Number = 80 } }] : null,
        };
        var snapshot = Compile(
            "ns", [new("BackendTLSPolicy", "ns", null, "forbidden")], [.. Mesh, rule with { Spec = rule.Spec with { TrafficPolicy = policy } }]);
        Assert.Equal(expected, Assert.Single(Failures(snapshot, "direct"))?.Reason);
    }

    [Fact]
    public void What_refers_to_a_service_that_may_exist_is_no_mistake()
    {
        Resource[] mesh = [Given.Route("r", "later", Given.Rule(Given.Backend("a"))), Given.Policy("p", "later.ns.svc.cluster.local", "RANDOM")];
        Assert.Equal(
            ["Warning NoMatchingParent spec.parentRefs[0]", "Warning UnknownHost spec.host"], Compile("ns", [], mesh).Diagnostics.Codes());
        Assert.Empty(Compile("ns", [new("Service", "ns", "later", "not read yet")], mesh).Diagnostics);
        Assert.Equal(2, Compile("ns", [new("Service", "ns", "sooner", "not read yet")], mesh).Diagnostics.Length);
        var onDemand = new MeshSdk.Compilation.MeshCompiler(
            new CallerContext { Namespace = "ns" }, new MeshSdk.Compilation.CompilerOptions { LoadsOnDemand = true });
        Assert.Empty(onDemand.Compile(Given.Store(mesh)).Diagnostics);
    }

    [Fact]
    public void A_change_touches_the_services_that_it_concerns_and_no_others()
    {
        var store = Given.Store(Mesh);
        store.Apply([Given.Service("other/x"), Given.Route("r2", "direct", Given.Rule(Given.Backend("gone")))], []);
        var compiler = Given.Compiler();

        Assert.Equal("ns/a ns/b ns/direct", Apply(new("DestinationRule", "ns", null, "x"), "ns/a ns/b ns/direct other/x"));
        Assert.Equal("other/x", Apply(new("HTTPRoute", "other", null, "x"), "other/x"));
        Assert.Equal("ns/a ns/b", Apply(new("EndpointSlice", "ns", "b", "x"), "ns/a ns/b"));
        Assert.Equal("ns/a ns/direct", Apply(new("Service", "ns", "gone", "x"), "ns/a ns/direct"));
        Assert.Equal("", Apply(new("Service", "ns", "b", "x"), ""));
        Assert.Equal("", Apply(new("Pod", null, null, "x"), ""));

        string Apply(UnknownScope scope, string atMost)
        {
            var touched = compiler.Apply(store, [scope]);
            Assert.Empty(compiler.Apply(store, [scope]));
            Assert.Equal(touched.Order(ById), compiler.Apply(store, []).Order(ById));
            Assert.Subset(atMost.Split(' ').ToHashSet(), touched.Select(static id => id.ToString()).ToHashSet());
            return string.Join(' ', touched.Where(id => id.Namespace == "ns" || scope.Kind == "HTTPRoute").Select(static id => id.ToString()).Order());
        }
    }

    [Fact]
    public void Another_reason_alone_touches_nothing_and_is_told_with_the_next_change()
    {
        var store = Given.Store(Mesh);
        store.Apply([Given.Route("r2", "direct", Given.Rule(Given.Backend("gone")))], []);
        var compiler = Given.Compiler();
        compiler.Apply(store, Scopes("not read yet"));
        var snapshot = compiler.Compile(store);

        Assert.Empty(compiler.Apply(store, Scopes("connection refused")));
        snapshot = compiler.Recompile(snapshot, store, [new ServiceId("ns", "direct")]);

        Assert.EndsWith(": not read yet", Failures(snapshot, "a").First(static failure => failure is { Status: 503 })!.Message, StringComparison.Ordinal);
        Assert.EndsWith(": connection refused", Failures(snapshot, "direct").First(static failure => failure is { Status: 503 })!.Message, StringComparison.Ordinal);

        static UnknownScope[] Scopes(string reason) => [new("Service", "ns", "gone", reason), new("EndpointSlice", "ns", "b", reason)];
    }

    [Fact]
    public void Compiling_what_a_change_touches_gives_the_same_as_compiling_everything() =>
        Check.Sample(
            Gen.Select(
                Gen.Select(RandomRoutes.Any.Array[0, 4], RandomRoutes.Any.Array[0, 2], Scope.Array[0, 3], Gen.Bool).Array[1, 20], Gen.Int[0, 3], Gen.Bool),
            (steps, caller, enforcesGrants) =>
            {
                var store = new ResourceStore();
                var options = new MeshSdk.Compilation.CompilerOptions { EnforcesGrants = enforcesGrants, HasIdentity = enforcesGrants };
                var compiler = Given.Compiler(options, Callers[caller]);
                var snapshot = compiler.Compile(store);
                foreach (var (upserts, deletes, unknown, staysUnknown) in steps)
                {
                    var dirty = store.Apply([.. upserts], [.. deletes.Select(static resource => resource.Key)]).ToHashSet();
                    if (!staysUnknown)
                    {
                        dirty.UnionWith(compiler.Apply(store, unknown));
                    }

                    snapshot = compiler.Recompile(snapshot, store, dirty);
                    Assert.Equal(Write(Given.Compiler(options, Callers[caller]).Compile(store)), Write(snapshot));
                }
            },
            iter: 300);

    [Theory]
    [InlineData("direct")]
    [InlineData("direct.ns.svc.cluster.local")]
    [InlineData("*.ns.svc.cluster.local")]
    public void A_rule_that_is_taken_away_takes_away_what_it_made_known_for_all_that_lead_to_its_service(string host)
    {
        var rule = Given.Policy("p", host, "RANDOM");
        rule = rule with { Spec = rule.Spec with { TrafficPolicy = rule.Spec.TrafficPolicy! with { Tls = new ClientTlsSettings { Mode = "ISTIO_MUTUAL" } } } };
        var store = Given.Store([.. Mesh, Given.Service("other/front"), Given.Route("other/f", "other/front", Given.Rule(Given.Backend("ns/direct"))), rule]);
        var compiler = Given.Compiler();
        compiler.Apply(store, [new("BackendTLSPolicy", "ns", null, "forbidden")]);
        var snapshot = compiler.Compile(store);
        Assert.Equal("-", Answers(snapshot, "other/front"));

        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [rule.Key]));
        Assert.Equal("503 PolicyUnknown", Answers(snapshot, "other/front"));
        snapshot = compiler.Recompile(snapshot, store, store.Apply([rule], []));
        Assert.Equal("-", Answers(snapshot, "other/front"));
    }

    [Fact]
    public void A_rule_touches_no_more_than_its_services_where_all_policies_are_known()
    {
        var store = Given.Store([.. Mesh, Given.Service("front"), Given.Route("f", "front", Given.Rule(Given.Backend("direct")))]);
        Given.Compiler().Apply(store, [new("Service", "ns", "gone", "not read yet")]);
        Assert.Equal([Given.Id("direct")], store.Apply([Given.Policy("p", "direct", "RANDOM")], []));
    }

    [Fact]
    public void Grants_that_become_unknown_count_for_references_to_services_that_are_not_there()
    {
        var store = Given.Store(Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Backend("other/gone"))));
        var compiler = Given.Compiler(new MeshSdk.Compilation.CompilerOptions { EnforcesGrants = true });
        var snapshot = compiler.Compile(store);
        Assert.Equal("500 RefNotPermitted", Answers(snapshot, "a"));

        snapshot = compiler.Recompile(snapshot, store, compiler.Apply(store, [new("ReferenceGrant", "other", null, "forbidden")]));
        Assert.Equal("503 PolicyUnknown", Answers(snapshot, "a"));
        snapshot = compiler.Recompile(snapshot, store, compiler.Apply(store, []));
        Assert.Equal("500 RefNotPermitted", Answers(snapshot, "a"));
    }

    [Fact]
    public void When_nothing_is_unknown_any_more_the_snapshot_is_as_if_nothing_had_been() =>
        Check.Sample(
            Gen.Select(RandomRoutes.Any.Array[0, 12], Scope.Array[1, 3], Gen.Int[0, 3]),
            (resources, unknown, caller) =>
            {
                var store = Given.Store(resources);
                var before = SnapshotWriter.Write(Given.Compiler(Callers[caller]).Compile(store));
                var compiler = Given.Compiler(Callers[caller]);
                compiler.Apply(store, unknown);
                var snapshot = compiler.Compile(store);
                snapshot = compiler.Recompile(snapshot, store, compiler.Apply(store, []));
                Assert.Equal(before, SnapshotWriter.Write(snapshot));
            },
            iter: 200);

    [Fact]
    public void More_that_is_unknown_never_lets_a_call_through_that_was_refused_before() =>
        Check.Sample(
            Gen.Select(RandomRoutes.Any.Array[0, 12], Scope.Array[0, 2], Scope, Gen.Int[0, 3]),
            (resources, some, more, caller) =>
            {
                var less = Compile(Callers[caller], some, resources);
                var least = Compile(Callers[caller], [.. some, more], resources);
                foreach (var (id, service) in less.Services)
                {
                    for (var i = 0; i < service.Frontends.Length; i++)
                    {
                        var (before, after) = (service.Frontends[i].Routes.Rules, least.Services[id].Frontends[i].Routes.Rules);
                        if (after.Any(static rule => rule.Failure?.Status == 503))
                        {
                            continue;
                        }

                        foreach (var (was, now) in before.Zip(after))
                        {
                            Assert.Equal(was.Failure?.Status, now.Failure?.Status);
                            Assert.All(was.Backends.Backends.Zip(now.Backends.Backends), static pair => Assert.True(pair.First.Failure is null || pair.Second.Failure is not null));
                        }
                    }
                }
            },
            iter: 300);

    private static MeshSnapshot Compile(string caller, UnknownScope[] unknown, Resource[] resources)
    {
        var store = Given.Store(resources);
        var compiler = Given.Compiler(caller);
        compiler.Apply(store, unknown);
        return compiler.Compile(store);
    }

    // With what the routes are told, whose parents need not exist.
    private static string Write(MeshSnapshot snapshot) => SnapshotWriter.Write(snapshot) + string.Concat(
        snapshot.Routes.OrderBy(static routes => routes.Key.ToString(), StringComparer.Ordinal)
            .SelectMany(static routes => routes.Value).Select(static status => $"{status}\n"));

    private static IEnumerable<RouteFailure?> Failures(MeshSnapshot snapshot, string service, int port = 80)
    {
        var rule = Assert.Single(snapshot.Frontend(service, port).Routes.Rules);
        return rule.Failure is { } failure ? [failure] : rule.Backends.Backends.Select(static backend => backend.Failure);
    }

    private static string Answers(MeshSnapshot snapshot, string service, int port = 80) => string.Join(
        ' ', Failures(snapshot, service, port).Select(static failure => failure is null ? "-" : $"{failure.Status} {failure.Reason}"));

    private static Gen<T> Const<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Comparer<ServiceId> ById = Comparer<ServiceId>.Create(static (x, y) => string.CompareOrdinal(x.ToString(), y.ToString()));
}
