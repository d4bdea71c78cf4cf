using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Compilation.Policies;

/// <summary>The ConfigMap <c>istio</c> of the root namespace, and what it means for a service <c>a</c> in <c>ns</c>.</summary>
public sealed class MeshConfigTests
{
    private const string Host = "a.ns.svc.cluster.local";

    [Fact]
    public void What_concerns_a_client_is_read_and_the_rest_is_passed_over()
    {
        var snapshot = Given.Snapshot(Given.Service("a", "http:80"), Config("""
            accessLogFile: /dev/stdout
            defaultConfig:
              discoveryAddress: istiod.istio-system.svc:15012
              proxyMetadata: {}
            enablePrometheusMerge: true
            extensionProviders:
            - envoyExtAuthzGrpc: {port: "9000", service: x}
              name: y
            trustDomain: td.example
            trustDomainAliases: [old.example, cluster.local, old.example]
            enableAutoMtls: false
            connectTimeout: 1.5s
            tcpKeepalive: {probes: 3, time: 10s}
            h2UpgradePolicy: UPGRADE
            meshMTLS: {minProtocolVersion: TLSV1_3}
            defaultTrafficPolicy:
              connectionPool: {http: {maxRetries: 7}}
              outlierDetection: {consecutive5xxErrors: 9, minHealthPercent: 20}
            """));
        Assert.Empty(snapshot.AllDiagnostics());
        Assert.Equal("td.example", snapshot.Mesh.TrustDomain);
        Assert.Equal(["old.example", "cluster.local"], snapshot.Mesh.TrustDomainAliases);
        Assert.Equal((false, true), (snapshot.Mesh.AutoMtls, snapshot.Mesh.RequiresTls13));
        var cluster = snapshot.Cluster("a");
        Assert.Equal((ClusterProtocol.Http2, TimeSpan.FromSeconds(1.5), 7, 9, 20), (
            cluster.Protocol, cluster.ConnectTimeout, cluster.Limits.MaxRetries, cluster.OutlierDetection?.Consecutive5xx, cluster.PanicThreshold));
        Assert.Equal(new TcpKeepalive(3, TimeSpan.FromSeconds(10), null), cluster.Connections.Keepalive);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("{}", "")]
    [InlineData("[a]", "Error UnsupportedValue data.mesh")]
    [InlineData("{a: ", "Error UnsupportedValue data.mesh")]
    [InlineData("{a: 1, a: 2}", "Error UnsupportedValue data.mesh")]
    [InlineData("trustDomain: 7", "Error UnsupportedValue data.mesh.trustDomain")]
    [InlineData("trustDomain: '-'", "Error UnsupportedValue data.mesh.trustDomain")]
    [InlineData("trustDomainAliases: [a b]", "Error UnsupportedValue data.mesh.trustDomainAliases[0]")]
    [InlineData("rootNamespace: A", "Error UnsupportedValue data.mesh.rootNamespace")]
    [InlineData("connectTimeout: soon", "Error UnsupportedValue data.mesh.connectTimeout")]
    [InlineData("tcpKeepalive: 7", "Error UnsupportedValue data.mesh.tcpKeepalive")]
    [InlineData("h2UpgradePolicy: DEFAULT", "Error UnsupportedValue data.mesh.h2UpgradePolicy")]
    [InlineData("enableAutoMtls: 'no'", "Error UnsupportedValue data.mesh.enableAutoMtls")]
    [InlineData("defaultDestinationRuleExportTo: [x]", "Error UnsupportedValue data.mesh.defaultDestinationRuleExportTo[0]")]
    [InlineData("defaultTrafficPolicy: {outlierDetection: {interval: 0s}}", "Error UnsupportedValue data.mesh.defaultTrafficPolicy.outlierDetection.interval")]
    [InlineData("defaultTrafficPolicy: {outlierDetection: {intervall: 3s}}", "Warning Ignored data.mesh.defaultTrafficPolicy.outlierDetection.intervall")]
    [InlineData("defaultTrafficPolicy: {connectionPool: {http: {maxRetry: 3}}}", "Warning Ignored data.mesh.defaultTrafficPolicy.connectionPool.http.maxRetry")]
    [InlineData("defaultTrafficPolicy: {loadBalancer: {simple: RANDOM}}", "Warning Ignored data.mesh.defaultTrafficPolicy.loadBalancer")]
    [InlineData("defaultTrafficPolicy: {outlierDetections: {}}", "Warning Ignored data.mesh.defaultTrafficPolicy.outlierDetections")]
    [InlineData("defaultTrafficPolicy: {connectionPool: {tcp: {maxConnections: -1}}}", "Error UnsupportedValue data.mesh.defaultTrafficPolicy.connectionPool.tcp.maxConnections")]
    [InlineData("meshMTLS: {minProtocolVersion: TLSV1_1}", "Error UnsupportedValue data.mesh.meshMTLS.minProtocolVersion")]
    [InlineData("outboundTrafficPolicy: {mode: REGISTRY_ONLY}", "Info NotImplemented data.mesh.outboundTrafficPolicy.mode")]
    public void What_cannot_be_used_is_told_once_and_takes_its_default(string? mesh, string diagnostic)
    {
        var snapshot = Given.Snapshot(Given.Service("a"), Given.Service("b"), Config(mesh));
        Assert.Equal(diagnostic.Length == 0 ? [] : [diagnostic], snapshot.AllDiagnostics().Codes());
        Assert.Equal("cluster.local", snapshot.Mesh.TrustDomain);
        Assert.Equal(TimeSpan.FromSeconds(10), snapshot.Cluster("a").ConnectTimeout);
    }

    [Theory]
    [InlineData("{a: ", "data.mesh")]
    [InlineData("[a]", "data.mesh")]
    [InlineData("{trustDomain: '-', connectTimeout: soon}", "data.mesh.trustDomain")]
    [InlineData("trustDomainAliases: [a b]", "data.mesh.trustDomainAliases[0]")]
    [InlineData("rootNamespace: A", "data.mesh.rootNamespace")]
    [InlineData("enableAutoMtls: 'no'", "data.mesh.enableAutoMtls")]
    [InlineData("meshMTLS: {minProtocolVersion: TLSV1_1}", "data.mesh.meshMTLS.minProtocolVersion")]
    [InlineData("defaultDestinationRuleExportTo: [x]", "data.mesh.defaultDestinationRuleExportTo[0]")]
    public void A_version_with_a_slip_in_its_security_does_not_take_the_place_of_a_sound_one(string broken, string path)
    {
        const string Sound = "{trustDomain: td.example, meshMTLS: {minProtocolVersion: TLSV1_3}, enableAutoMtls: false, connectTimeout: 2s}";
        var compiler = Given.Compiler();
        var store = Given.Store(Given.Service("a"), Config(Sound));
        var snapshot = compiler.Compile(store);
        for (var i = 0; i < 2; i++)
        {
            Put(Config(broken));
            Assert.Equal(("td.example", true, false), (snapshot.Mesh.TrustDomain, snapshot.Mesh.RequiresTls13, snapshot.Mesh.AutoMtls));
            Assert.Equal(TimeSpan.FromSeconds(2), snapshot.Cluster("a").ConnectTimeout);
            var told = Assert.Single(snapshot.AllDiagnostics());
            Assert.Equal(path, told.Path);
            Assert.EndsWith("; the last version without such a fault stays in force, as a whole", told.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("defaults of the mesh", told.Message, StringComparison.Ordinal);
        }

        // What is no matter of security costs no more than itself.
        Put(Config("{trustDomain: other, connectTimeout: soon}"));
        Assert.Equal(("other", false), (snapshot.Mesh.TrustDomain, snapshot.Mesh.RequiresTls13));
        Assert.Equal(["Error UnsupportedValue data.mesh.connectTimeout"], snapshot.AllDiagnostics().Codes());

        Put(Config(broken));
        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [Config(broken).Key]));
        Assert.Equal("cluster.local", snapshot.Mesh.TrustDomain);
        Assert.Empty(snapshot.AllDiagnostics());

        void Put(MeshConfigMap map)
        {
            snapshot = compiler.Recompile(snapshot, store, store.Apply([map], []));
            Assert.Equal(SnapshotWriter.Write(Given.Compiler().Compile(store)), SnapshotWriter.Write(snapshot));
        }
    }

    [Fact]
    public void What_an_option_says_comes_before_it()
    {
        var caller = new CallerContext { Namespace = "ns", TrustDomain = "mine", StatesTrustDomain = true, StatesRootNamespace = true };
        var store = Given.Store(Given.Service("a"), Config("{trustDomain: theirs, rootNamespace: elsewhere}"), Given.Policy("istio-system/root", "*", "RANDOM"));
        var snapshot = new MeshCompiler(caller, CompilerOptions.Default).Compile(store);
        Assert.Equal("mine", snapshot.Mesh.TrustDomain);
        Assert.Equal(LoadBalancerKind.Random, snapshot.Cluster("a").LoadBalancer);
    }

    [Fact]
    public void Mesh_wide_rules_are_looked_for_where_it_says()
    {
        Resource[] rules = [Given.Policy("istio-system/old", "*", "RANDOM"), Given.Policy("mesh-root/new", "*", "ROUND_ROBIN")];
        Assert.Equal(LoadBalancerKind.Random, Given.Snapshot([Given.Service("a"), .. rules]).Cluster("a").LoadBalancer);
        Assert.Equal(LoadBalancerKind.RoundRobin, Given.Snapshot([Given.Service("a"), .. rules, Config("rootNamespace: mesh-root")]).Cluster("a").LoadBalancer);
    }

    [Theory]
    [InlineData("['.']", null)]
    [InlineData("['*']", "ns/owner")]
    [InlineData("[]", "ns/owner")]
    public void Rules_that_do_not_say_for_whom_they_are_may_be_private(string defaults, string? expected)
    {
        var config = Config($"defaultDestinationRuleExportTo: {defaults}");
        var snapshot = Given.SnapshotFor("client", Given.Service("a"), config, Given.Policy("ns/owner", Host, "RANDOM"));
        Assert.Equal(expected, snapshot.Cluster("a").Policy.Name?.ToString());
        Assert.Equal("ns/owner", Given.SnapshotFor("ns", Given.Service("a"), config, Given.Policy("ns/owner", Host, "RANDOM")).Cluster("a").Policy.Name.ToString());
        Assert.Equal("ns/owner", Given.SnapshotFor("client", Given.Service("a"), config, Given.Policy("ns/owner", Host, "RANDOM", "*")).Cluster("a").Policy.Name.ToString());
    }

    // What the mesh and the rule say of a pool, and what is left of both.
    [Theory]
    [InlineData("{http: {maxRetries: 7}}", "{tcp: {maxConnections: 2}}", "limits connections 2")]
    [InlineData("{http: {maxRetries: 7}}", null, "limits retries 7")]
    public void Blocks_of_the_mesh_hold_whole_where_a_policy_lacks_them(string mesh, string? own, string expected)
    {
        var rule = Given.Policy("p", "a", "RANDOM");
        rule = rule with { Spec = rule.Spec with { TrafficPolicy = rule.Spec.TrafficPolicy! with { ConnectionPool = own is null ? null : PolicyBlocks.Yaml(own) } } };
        var snapshot = Given.Snapshot(Given.Service("a"), rule, Config($"defaultTrafficPolicy: {{connectionPool: {mesh}}}"));
        Assert.Equal(expected, PolicyBlocks.Describe(snapshot.Cluster("a")));
    }

    [Fact]
    public void A_port_entry_without_a_pool_has_that_of_the_mesh_and_not_the_general_one()
    {
        var (cluster, _) = PolicyBlocks.Compile(
            "{connectionPool: {tcp: {maxConnections: 2}}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}",
            "80",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: 'defaultTrafficPolicy: {connectionPool: {http: {maxRetries: 7}}}'}}");
        Assert.Equal("limits retries 7", PolicyBlocks.Describe(cluster));
    }

    [Fact]
    public void Keepalive_is_overlaid_field_by_field()
    {
        var (cluster, _) = PolicyBlocks.Compile(
            "{connectionPool: {tcp: {tcpKeepalive: {time: 1s}}}}",
            "80",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: 'tcpKeepalive: {probes: 4, time: 9s, interval: 2s}'}}");
        Assert.Equal("connections keepalive 4/1s/2s", PolicyBlocks.Describe(cluster));
    }

    // The mesh says UPGRADE; what that means for a port, and what a rule can do about it.
    [Theory]
    [InlineData("http:80", "{}", nameof(ClusterProtocol.Http2))]
    [InlineData("80", "{}", nameof(ClusterProtocol.Auto))]
    [InlineData("http:80", "{http: {h2UpgradePolicy: DEFAULT}}", nameof(ClusterProtocol.Http2))]
    [InlineData("http:80", "{http: {h2UpgradePolicy: DO_NOT_UPGRADE}}", nameof(ClusterProtocol.Http1))]
    [InlineData("http:80", "{http: {useClientProtocol: true}}", nameof(ClusterProtocol.Caller))]
    public void Ports_that_declare_HTTP_are_upgraded_by_the_mesh(string port, string pool, string expected)
    {
        var (cluster, _) = PolicyBlocks.Compile(
            $"{{connectionPool: {pool}}}", port,
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: 'h2UpgradePolicy: UPGRADE'}}");
        Assert.Equal(expected, cluster.Protocol.ToString());
    }

    public static TheoryData<string, int?, int[], bool, int[]> Retries => new()
    {
        // What the mesh says; attempts, codes, whether requests are sent again that may have been looked at, and codes of gRPC.
        { "{}", 2, [], false, [1, 14] },
        { "{defaultHttpRetryPolicy: {attempts: 0}}", null, [], false, [] },
        { "{defaultHttpRetryPolicy: {attempts: 5}}", 5, [], false, [] },
        { "{defaultHttpRetryPolicy: {attempts: 1, retryOn: 'connect-failure,refused-stream'}}", 1, [], false, [] },
        { "{defaultHttpRetryPolicy: {attempts: 1, retryOn: 'retriable-status-codes, 429,503'}}", 1, [429, 503], false, [] },
        { "{defaultHttpRetryPolicy: {attempts: 1, retryOn: 'gateway-error'}}", 1, [502, 503, 504], true, [] },
        { "{defaultHttpRetryPolicy: {attempts: 1, retryOn: 'reset'}}", 1, [], true, [] },
        { "{defaultHttpRetryPolicy: {attempts: 1, retryOn: 'cancelled,deadline-exceeded,internal,resource-exhausted,unavailable'}}", 1, [], false, [1, 4, 8, 13, 14] },
    };

    [Theory]
    [MemberData(nameof(Retries))]
    public void A_process_that_does_as_Istio_does_takes_its_retries(string mesh, int? attempts, int[] codes, bool unanswered, int[] grpc)
    {
        Resource[] resources = [Given.Service("a"), Config(mesh)];
        var snapshot = Given.Compiler(new CompilerOptions { DefaultRetry = CompilerOptions.IstioRetry }).Compile(Given.Store(resources));
        var retry = snapshot.Frontend("a").Routes.Rules[0].Retry;
        Assert.Equal(attempts, retry?.Attempts);
        Assert.True(retry is null or { IsDefault: true });
        Assert.Equal(codes, retry is null ? [] : retry.Codes);
        Assert.Equal(grpc, retry is null ? [] : retry.GrpcStatuses);
        Assert.Equal(unanswered, retry?.Conditions == RetryConditions.Unanswered);
        Assert.Null(Given.Snapshot(resources).Frontend("a").Routes.Rules[0].Retry);
    }

    [Fact]
    public void What_of_the_retries_is_not_acted_on_is_told()
    {
        var snapshot = Given.Snapshot(Given.Service("a"), Config("defaultHttpRetryPolicy: {attempts: 1, perTryTimeout: 2s, retryOn: 'envoy-ratelimited,5xx'}"));
        Assert.Equal(
            ["Warning NotImplemented data.mesh.defaultHttpRetryPolicy.perTryTimeout", "Info NotImplemented data.mesh.defaultHttpRetryPolicy.retryOn"],
            snapshot.AllDiagnostics().Codes());
    }

    [Fact]
    public void A_change_compiles_everything_anew_and_a_change_beside_it_nothing()
    {
        var compiler = Given.Compiler();
        var store = Given.Store(Given.Service("a"), Given.Service("b"), Given.Route("r", "a", Given.Rule(Given.Backend("b"))));
        var before = compiler.Compile(store);
        var dirty = store.Apply([Config("connectTimeout: 2s")], []);
        var after = compiler.Recompile(before, store, dirty);
        Assert.All(["a", "b"], name => Assert.Equal(TimeSpan.FromSeconds(2), after.Cluster(name).ConnectTimeout));

        var touched = Config("connectTimeout: 2s");
        Assert.Empty(store.Apply([touched with { Metadata = touched.Metadata with { ResourceVersion = "2" } }], []));
        Assert.Same(after.Cluster("a"), compiler.Recompile(after, store, [Given.Id("a")]).Cluster("a"));

        var gone = compiler.Recompile(after, store, store.Apply([], [touched.Key]));
        Assert.All(["a", "b"], name => Assert.Equal(TimeSpan.FromSeconds(10), gone.Cluster(name).ConnectTimeout));
    }

    [Fact]
    public void That_of_another_namespace_counts_for_nothing() =>
        Assert.Equal("cluster.local", Given.Snapshot(Config("trustDomain: td.example", "elsewhere")).Mesh.TrustDomain);

    [Fact]
    public void ConfigMaps_of_other_names_say_nothing_of_the_mesh()
    {
        var content = ManifestReader.Read(
            """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: app}, data: {mesh: 7}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: "trustDomain: td.example", meshNetworks: "networks: {}"}}
            """,
            "a.yaml");
        Assert.Equal("trustDomain: td.example", Assert.Single(content.Resources.OfType<MeshConfigMap>()).Data.Mesh);
        Assert.DoesNotContain(content.Problems, static problem => problem.Severity == DiagnosticSeverity.Error);
        Assert.Equal(new CertificateData(), Assert.Single(content.Resources.OfType<CertificateConfigMap>()).Certificates);
    }

    private static MeshConfigMap Config(string? mesh, string ns = "istio-system") =>
        new() { Metadata = new ObjectMeta { Namespace = ns, Name = "istio" }, Data = new MeshConfigData { Mesh = mesh } };
}
