using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class PolicyTests
{
    [Theory]
    [InlineData(null, nameof(LoadBalancerKind.LeastRequest))]
    [InlineData("UNSPECIFIED", nameof(LoadBalancerKind.LeastRequest))]
    [InlineData("LEAST_CONN", nameof(LoadBalancerKind.LeastRequest))]
    [InlineData("LEAST_REQUEST", nameof(LoadBalancerKind.LeastRequest))]
    [InlineData("ROUND_ROBIN", nameof(LoadBalancerKind.RoundRobin))]
    [InlineData("RANDOM", nameof(LoadBalancerKind.Random))]
    [InlineData("PASSTHROUGH", nameof(LoadBalancerKind.PassThrough))]
    public void Simple_load_balancer_is_read(string? simple, string expected)
    {
        var (cluster, diagnostics) = Compile(new TrafficPolicy { LoadBalancer = new LoadBalancerSettings { Simple = simple } });
        Assert.Equal(expected, cluster.LoadBalancer.ToString());
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void Unknown_load_balancer_is_reported_and_the_default_taken()
    {
        var (cluster, diagnostics) = Compile(new TrafficPolicy { LoadBalancer = new LoadBalancerSettings { Simple = "FASTEST" } });
        Assert.Equal(LoadBalancerKind.LeastRequest, cluster.LoadBalancer);
        Assert.Equal(["Error UnsupportedValue spec.trafficPolicy.loadBalancer.simple"], diagnostics.Codes());
    }

    [Theory]
    [InlineData("ISTIO_MUTUAL", "ISTIO_MUTUAL", nameof(TlsMode.Istio))]
    [InlineData("SIMPLE", "SIMPLE", nameof(TlsMode.Simple))]
    [InlineData("MUTUAL", "MUTUAL", nameof(TlsMode.Mutual))]
    [InlineData("DISABLE", "DISABLE", nameof(TlsMode.None))]
    [InlineData(null, "DISABLE", nameof(TlsMode.None))]
    public void Tls_mode_is_stated_and_reaches_the_endpoints(string? mode, string stated, string expected)
    {
        var (cluster, diagnostics) = Compile(new TrafficPolicy { Tls = new ClientTlsSettings { Mode = mode } });
        Assert.Equal((stated, expected), (cluster.Policy.TlsMode, cluster.Endpoints[0].Tls.ToString()));
        Assert.DoesNotContain(diagnostics, static d => d.Code == "NotImplemented");
    }

    [Fact]
    public void Unknown_tls_mode_never_means_plaintext()
    {
        var (cluster, diagnostics) = Compile(new TrafficPolicy { Tls = new ClientTlsSettings { Mode = "TRUST_ME" } });
        Assert.NotEqual(TlsMode.None, cluster.Endpoints[0].Tls);
        Assert.Equal(["Error UnsupportedValue spec.trafficPolicy.tls.mode"], diagnostics.Codes());
    }

    [Fact]
    public void Policy_without_tls_states_no_mode() => Assert.Null(Compile(new TrafficPolicy()).Cluster.Policy.TlsMode);

    [Theory]
    [InlineData("\"1.5s\"", 1500)]
    [InlineData("\"100ms\"", 100)]
    [InlineData("\"1m\"", 60_000)]
    [InlineData("\"1ms\"", 1)]
    [InlineData("\"1176h\"", 49L * 24 * 60 * 60 * 1000)]
    public void Connect_timeout_is_read(string json, long milliseconds)
    {
        var (cluster, diagnostics) = Compile(new TrafficPolicy { ConnectionPool = Given.Json("{\"tcp\":{\"connectTimeout\":" + json + "}}") });
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), cluster.ConnectTimeout);
        Assert.NotNull(cluster.Policy.ConnectionPool);
        Assert.Empty(diagnostics);
    }

    [Theory]
    [InlineData("\"soon\"")]
    [InlineData("\"0s\"")]
    [InlineData("\"1us\"")]
    [InlineData("\"-1s\"")]
    [InlineData("\"999999999999999h\"")]
    [InlineData("10")]
    public void Connect_timeout_that_is_none_is_reported(string json)
    {
        var (cluster, diagnostics) = Compile(new TrafficPolicy { ConnectionPool = Given.Json("{\"tcp\":{\"connectTimeout\":" + json + "}}") });
        Assert.Equal(TimeSpan.FromSeconds(10), cluster.ConnectTimeout);
        Assert.Equal(["Error UnsupportedValue spec.trafficPolicy.connectionPool.tcp.connectTimeout"], diagnostics.Codes());
    }

    [Theory]
    [InlineData("1176h1ms")]
    [InlineData("2000h")]
    [InlineData("200000000h")]
    public void Connect_timeout_that_no_timer_holds_is_cut_and_reported(string text)
    {
        var (cluster, diagnostics) = Compile(new TrafficPolicy { ConnectionPool = Given.Json($$$"""{"tcp":{"connectTimeout":"{{{text}}}"}}""") });
        using var timer = new CancellationTokenSource(cluster.ConnectTimeout);
        Assert.Equal(TimeSpan.FromDays(49), cluster.ConnectTimeout);
        Assert.Equal(["Warning UnsupportedValue spec.trafficPolicy.connectionPool.tcp.connectTimeout"], diagnostics.Codes());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"tcp":3}""")]
    [InlineData("""{"tcp":{"connectTimeout":null}}""")]
    [InlineData("{}")]
    public void Pool_of_another_shape_is_survived(string json) =>
        Assert.Equal(TimeSpan.FromSeconds(10), Compile(new TrafficPolicy { ConnectionPool = Given.Json(json) }).Cluster.ConnectTimeout);

    [Fact]
    public void Every_block_that_is_not_acted_on_is_reported_with_its_path()
    {
        var block = Given.Json("{}");
        var (cluster, diagnostics) = Compile(new TrafficPolicy
        {
            LoadBalancer = new LoadBalancerSettings { Simple = "ROUND_ROBIN", ZoneAwareLbSetting = block },
            Tunnel = block,
        });
        Assert.Equal(LoadBalancerKind.RoundRobin, cluster.LoadBalancer);
        Assert.Equal(
            new[] { "loadBalancer.zoneAwareLbSetting", "tunnel" }
                .Select(field => $"Warning NotImplemented spec.trafficPolicy.{field}"),
            diagnostics.Codes().Order());
    }

    [Fact]
    public void Subsets_are_kept_for_people_and_reported()
    {
        var first = WithSubsets(Given.Policy("p", "a", "RANDOM").CreatedAt(1), """{"name":"v2","labels":{"b":"2","a":"1"}}""", """{"name":"v1"}""", "7", "{}");
        var second = WithSubsets(Given.Policy("q", "a", "RANDOM").CreatedAt(2), """{"name":"v1","labels":{"c":"3"}}""", """{"name":"v3","labels":[]}""");
        var snapshot = Given.Snapshot(Given.Service("a"), first, second);
        Assert.Equal(
            ["v2 a=1,b=2", "v1 ", "v3 "],
            snapshot.Cluster("a").Policy.Subsets.Select(static subset => $"{subset.Name} {string.Join(',', subset.Labels.Select(static label => $"{label.Key}={label.Value}"))}"));
        Assert.Equal(
            [
                "Warning NotImplemented spec.subsets", "Error UnsupportedValue spec.subsets[2]", "Error UnsupportedValue spec.subsets[3].name",
                "Warning NotImplemented spec.subsets", "Warning Duplicate spec.subsets[0].name", "Error UnsupportedValue spec.subsets[1].labels",
            ],
            snapshot.AllDiagnostics().Codes());
    }

    [Fact]
    public void Port_entry_replaces_the_whole_policy_for_its_port()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a", "http:80", "admin:81"),
            Given.Slice("s", "a", [new SlicePort { Name = "http", Port = 1 }, new SlicePort { Name = "admin", Port = 2 }], Given.Endpoint("10.0.0.1")),
            new DestinationRule
            {
                Metadata = new ObjectMeta { Namespace = "ns", Name = "p" },
                Spec = new DestinationRuleSpec
                {
                    Host = "a",
                    TrafficPolicy = new TrafficPolicy
                    {
                        LoadBalancer = new LoadBalancerSettings { Simple = "RANDOM" },
                        OutlierDetection = Given.Json("{}"),
                        Tls = new ClientTlsSettings { Mode = "SIMPLE" },
                        PortLevelSettings =
                        [
                            new TrafficPolicy
                            {
                                Port = new PortSelector { Number = 81 },
                                ConnectionPool = Given.Json("""{"tcp":{"connectTimeout":"2s"},"http":{"maxRetries":1}}"""),
                                RetryBudget = Given.Json("{}"),
                                ProxyProtocol = Given.Json("{}"),
                            },
                        ],
                        RetryBudget = Given.Json("{}"),
                        ProxyProtocol = Given.Json("{}"),
                    },
                },
            });
        var (web, admin) = (snapshot.Cluster("a", 80), snapshot.Cluster("a", 81));
        Assert.Equal((LoadBalancerKind.Random, "SIMPLE", true), (web.LoadBalancer, web.Policy.TlsMode, web.Policy.OutlierDetection is not null));
        Assert.Equal((LoadBalancerKind.LeastRequest, null, false), (admin.LoadBalancer, admin.Policy.TlsMode, admin.Policy.OutlierDetection is not null));
        Assert.Equal((TimeSpan.FromSeconds(2), TlsMode.None), (admin.ConnectTimeout, admin.Endpoints[0].Tls));
        Assert.Equal((true, ProxyProtocol.V1, true), (web.OutlierDetection is not null, web.Connections.ProxyProtocol, web.Limits.RetryShare is not null));
        Assert.Equal((false, ProxyProtocol.None, false), (admin.OutlierDetection is not null, admin.Connections.ProxyProtocol, admin.Limits.RetryShare is not null));
        Assert.Equal(1, admin.Limits.MaxRetries);
        Assert.Equal(
            [
                "Warning Ignored spec.trafficPolicy.portLevelSettings[0]",
                "Warning Ignored spec.trafficPolicy.portLevelSettings[0].proxyProtocol",
                "Warning Ignored spec.trafficPolicy.portLevelSettings[0].retryBudget",
            ],
            snapshot.AllDiagnostics().Codes().Order());
    }

    [Fact]
    public void Endpoints_keep_mesh_tls_where_a_port_entry_is_silent_on_it()
    {
        var (cluster, _) = Compile(new TrafficPolicy
        {
            Tls = new ClientTlsSettings { Mode = "ISTIO_MUTUAL" },
            PortLevelSettings = [new TrafficPolicy { Port = new PortSelector { Number = 80 }, LoadBalancer = new LoadBalancerSettings { Simple = "RANDOM" } }],
        });
        Assert.Null(cluster.Policy.TlsMode);
        Assert.Equal(TlsMode.Istio, cluster.Endpoints[0].Tls);
    }

    [Theory]
    [InlineData("ISTIO_MUTAUL")]
    [InlineData(ClientTlsSettings.Unreadable)]
    public void Port_entry_without_tls_does_not_make_an_unknown_mode_plaintext(string mode)
    {
        var (cluster, diagnostics) = Compile(new TrafficPolicy
        {
            Tls = new ClientTlsSettings { Mode = mode },
            PortLevelSettings = [new TrafficPolicy { Port = new PortSelector { Number = 80 } }],
        });
        Assert.NotEqual(TlsMode.None, cluster.Endpoints[0].Tls);
        Assert.Equal(["Error UnsupportedValue spec.trafficPolicy.tls.mode"], diagnostics.Codes());
    }

    [Fact]
    public void Policy_of_a_backend_is_its_own_and_not_its_parents()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Service("b"), Given.Policy("pa", "a", "RANDOM"), Given.Policy("pb", "b", "ROUND_ROBIN"),
            Given.Route("r", "a", Given.Rule(Given.Backend("b"))));
        Assert.Equal(LoadBalancerKind.RoundRobin, snapshot.Cluster("b").LoadBalancer);
    }

    private static DestinationRule WithSubsets(DestinationRule rule, params string[] subsets) =>
        rule with { Spec = rule.Spec with { Subsets = [.. subsets.Select(Given.Json)] } };

    private static (ClusterModel Cluster, ImmutableArray<MeshDiagnostic> Diagnostics) Compile(TrafficPolicy policy)
    {
        var rule = new DestinationRule
        {
            Metadata = new ObjectMeta { Namespace = "ns", Name = "p" },
            Spec = new DestinationRuleSpec { Host = "a", TrafficPolicy = policy },
        };
        var snapshot = Given.Snapshot(Given.Service("a"), Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1")), rule);
        return (snapshot.Cluster("a"), [.. snapshot.AllDiagnostics()]);
    }
}
