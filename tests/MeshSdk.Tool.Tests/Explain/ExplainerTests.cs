using System.Text.Json;
using MeshSdk.Model;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Policies;
using static MeshSdk.Tool.Tests.Explain.Snapshots;

namespace MeshSdk.Tool.Tests.Explain;

public sealed class ExplainerTests
{
    private static readonly ServiceModel V1 = Service("v1", Endpoint("10.0.0.1"));
    private static readonly ServiceModel V2 = Service("v2", Endpoint("10.0.0.2"));
    private static readonly ServiceModel Empty = Service("empty");

    [Fact]
    public void A_service_without_routes_is_its_own_only_backend()
    {
        var answer = Explain(Of(V1), Get("http://v1/"));

        Assert.Equal(ExplainedAction.Forward, answer.Action);
        Assert.Equal(new ExplainedFrontend(Ns, "v1", 80), answer.Frontend);
        Assert.Null(answer.Scope);
        Assert.Null(answer.Route);
        var backend = Assert.Single(answer.Backends);
        Assert.Equal(("v1", 1, 1.0, (int?)null), (backend.Service, backend.Weight, backend.Share, backend.Status));
    }

    [Theory]
    [InlineData("http://V1/")]
    [InlineData("http://v1.shop./")]
    [InlineData("http://v1.shop.svc.cluster.local/")]
    public void Every_name_of_a_service_leads_to_it(string url) =>
        Assert.Equal("v1", Explain(Of(V1), Get(url)).Frontend?.Service);

    [Theory]
    [InlineData("http://elsewhere.example/")]
    [InlineData("http://10.0.0.1:8080/")]
    [InlineData("http://[fd00::1]/")]
    public void What_is_no_service_of_the_mesh_passes_through(string url)
    {
        var answer = Explain(Of(V1), Get(url));

        Assert.Equal(ExplainedAction.PassThrough, answer.Action);
        Assert.Null(answer.Frontend);
        Assert.Null(answer.Scope);
        Assert.Empty(answer.Backends);
        Assert.Empty(answer.Diagnostics);
    }

    [Theory]
    [InlineData("http://v1:81/")]
    [InlineData("https://v1/")]
    public void A_port_that_the_service_lacks_passes_through_and_says_so(string url)
    {
        var answer = Explain(Of(V1), Get(url));

        Assert.Equal(ExplainedAction.PassThrough, answer.Action);
        Assert.Null(answer.Frontend);
        var diagnostic = Assert.Single(answer.Diagnostics);
        Assert.Equal("Service shop/v1", diagnostic.Object);
        Assert.Contains("80", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shares_are_exact_and_weight_zero_is_listed()
    {
        var mesh = Of(Service("web").WithRules(RouteScope.Producer, Rule(To("v1", 90), To("v2", 10), To("empty", 0))), V1, V2, Empty);

        var answer = Explain(mesh, Get("http://web/"));

        Assert.Equal(ExplainedAction.Forward, answer.Action);
        Assert.Equal("producer", answer.Scope);
        Assert.Equal(new ExplainedRoute("HTTPRoute", Ns, "split", 0, null, 0), answer.Route);
        Assert.Equal([0.9, 0.1, 0.0], answer.Backends.Select(static b => b.Share));
        Assert.Equal([null, null, 503], answer.Backends.Select(static b => b.Status));
    }

    [Fact]
    public void A_share_of_one_in_three_is_the_nearest_double()
    {
        var mesh = Of(Service("web").WithRules(RouteScope.Producer, Rule(To("v1"), To("v2", 2))), V1, V2);

        Assert.Equal([1 / 3.0, 2 / 3.0], Explain(mesh, Get("http://web/")).Backends.Select(static b => b.Share));
    }

    [Fact]
    public void A_bad_share_beside_a_good_one_fails_alone()
    {
        var mesh = Of(Service("web").WithRules(RouteScope.Producer, Rule(To("v1"), Missing("gone"), To("empty"))), V1, Empty);

        var answer = Explain(mesh, Get("http://web/"));

        Assert.Equal(ExplainedAction.Forward, answer.Action);
        Assert.Null(answer.Status);
        Assert.Equal([null, 500, 503], answer.Backends.Select(static b => b.Status));
        Assert.Equal("LEAST_REQUEST", answer.Backends[1].Policy.LoadBalancer);
        Assert.Empty(answer.Backends[1].Endpoints);
    }

    [Fact]
    public void An_invalid_reference_that_bears_the_name_of_a_service_shows_none_of_it()
    {
        var mesh = Of(Service("web").WithRules(RouteScope.Producer, Rule(Missing("v1"))), V1);

        var backend = Assert.Single(Explain(mesh, Get("http://web/")).Backends);

        Assert.Equal(500, backend.Status);
        Assert.Empty(backend.Endpoints);
    }

    [Theory]
    [InlineData(false, 503)]
    [InlineData(true, 500)]
    public void Where_every_share_is_unusable_the_first_one_says_how_it_fails(bool missingFirst, int status)
    {
        BackendModel[] backends = missingFirst ? [Missing("gone"), To("empty")] : [To("empty"), Missing("gone")];
        var mesh = Of(Service("web").WithRules(RouteScope.Producer, Rule([To("v1", 0), .. backends])), V1, Empty);

        var answer = Explain(mesh, Get("http://web/"));

        Assert.Equal((ExplainedAction.Fail, status), (answer.Action, answer.Status));
        Assert.Equal(3, answer.Backends.Count);
        Assert.NotNull(answer.Route);
    }

    [Fact]
    public void A_service_without_routes_and_endpoints_fails_with_503()
    {
        var answer = Explain(Of(Empty), Get("http://empty/"));

        Assert.Equal((ExplainedAction.Fail, 503, null), (answer.Action, answer.Status, answer.GrpcStatus));
        Assert.Single(answer.Backends);
    }

    [Fact]
    public void All_weights_zero_is_500()
    {
        var mesh = Of(Service("web").WithRules(RouteScope.Producer, Rule(To("v1", 0))), V1);

        var answer = Explain(mesh, Get("http://web/"));

        Assert.Equal((ExplainedAction.Fail, 500), (answer.Action, answer.Status));
        Assert.Equal(0, Assert.Single(answer.Backends).Share);
    }

    [Fact]
    public void A_rule_that_cannot_be_served_gives_its_own_status()
    {
        var rule = Rule(To("v1")) with { Failure = new RouteFailure(500, "UnsupportedValue") };

        var answer = Explain(Of(Service("web").WithRules(RouteScope.Producer, rule), V1), Get("http://web/"));

        Assert.Equal((ExplainedAction.Fail, 500), (answer.Action, answer.Status));
        Assert.Equal(0, answer.Route?.Rule);
    }

    [Fact]
    public void The_status_of_a_rule_that_cannot_be_served_is_that_of_each_of_its_shares()
    {
        var rule = Rule(To("v1"), To("empty"), To("v2", 0)) with { Failure = new RouteFailure(500, "UnsupportedValue") };
        var mesh = Of(Service("web").WithRules(RouteScope.Producer, rule), V1, V2, Empty);

        Assert.Equal([500, 500, null], Explain(mesh, Get("http://web/")).Backends.Select(static b => b.Status));
        var call = Explain(mesh, MeshRequest.Create(null, "http://web/", [], "pkg.Svc/Call"));
        Assert.Equal([14, 14, null], call.Backends.Select(static b => b.GrpcStatus));
    }

    [Theory]
    [InlineData(TlsMode.Istio, EndpointHealth.Ready, MeshSecurity.On, false, true)]
    [InlineData(TlsMode.Istio, EndpointHealth.Terminating, MeshSecurity.On, false, true)]
    [InlineData(TlsMode.Istio, EndpointHealth.Ready, MeshSecurity.On, true, false)]
    [InlineData(TlsMode.Simple, EndpointHealth.Ready, MeshSecurity.On, false, false)]
    [InlineData(TlsMode.Istio, EndpointHealth.Unready, MeshSecurity.On, false, false)]
    [InlineData(TlsMode.Istio, EndpointHealth.Ready, MeshSecurity.Off, false, false)]
    [InlineData(TlsMode.None, EndpointHealth.Ready, MeshSecurity.On, false, false)]
    public void That_there_is_no_identity_for_mutual_TLS_is_a_warning(object tls, object health, MeshSecurity security, bool hasIdentity, bool warns)
    {
        var v1 = Service("v1", Endpoint("10.0.0.1", (EndpointHealth)health) with { Tls = (TlsMode)tls })
            .WithCluster(static c => c with { Policy = ClusterPolicy.None with { Name = new ServiceId(Ns, "rule"), TlsMode = "ISTIO_MUTUAL" } });

        var answer = new Explainer(Of(v1), security, hasIdentity: hasIdentity).Explain(Get("http://v1/"));

        Assert.Equal(
            warns ? [("warning", "NoIdentity", "DestinationRule shop/rule", "spec.trafficPolicy.tls")] : [],
            answer.Diagnostics.Select(static d => (d.Severity, d.Code, d.Object, d.Path)));
        Assert.Equal((EndpointHealth)health == EndpointHealth.Unready ? ExplainedAction.Fail : ExplainedAction.Forward, answer.Action);
    }

    [Fact]
    public void Without_a_rule_that_says_so_it_is_the_service_that_wants_an_identity()
    {
        var v1 = Service("v1", Endpoint("10.0.0.1") with { Tls = TlsMode.Istio });

        var warning = Assert.Single(Explain(Of(v1), Get("http://v1/")).Diagnostics);

        Assert.Equal(("NoIdentity", "Service shop/v1", ""), (warning.Code, warning.Object, warning.Path));
    }

    [Theory]
    [InlineData("istio", true, true, false, "fail")]
    [InlineData("istio", true, false, false, "forward")]
    [InlineData("istio", false, true, true, "fail")]
    [InlineData("istio", false, false, true, "fail")]
    [InlineData("simple", false, false, true, "fail")]
    [InlineData("simple", false, true, true, "fail")]
    [InlineData("none", false, true, true, "forward")]
    [InlineData("istio", false, true, false, "forward")]
    public void A_share_whose_TLS_cannot_be_is_answered_503(string mode, bool isWithheld, bool hasIdentity, bool isFaulty, string action)
    {
        var tls = Enum.Parse<TlsMode>(mode, ignoreCase: true);
        var v1 = Service("v1", Endpoint("10.0.0.1") with { Tls = tls, Withheld = isWithheld ? "its pod is not known" : null })
            .WithCluster(c => c with { Tls = new ClusterTls { Mode = TlsMode.Simple, Source = "BackendTLSPolicy shop/v1", Fault = isFaulty ? "no ConfigMap shop/ca" : null } });

        var answer = new Explainer(Of(v1), MeshSecurity.On, hasIdentity: hasIdentity).Explain(Get("http://v1/"));

        int? status = action == ExplainedAction.Fail ? 503 : null;
        Assert.Equal((action, status, status), (answer.Action, answer.Status, answer.Backends[0].Status));
        Assert.Equal(
            status is null ? null : isFaulty ? "cannot be called as BackendTLSPolicy shop/v1 asks: no ConfigMap shop/ca" : "every endpoint is withheld: its pod is not known",
            answer.Backends[0].Problem);

        // Nobody looks at any of it then.
        Assert.Equal(ExplainedAction.Forward, new Explainer(Of(v1), MeshSecurity.Off, hasIdentity: hasIdentity).Explain(Get("http://v1/")).Action);
    }

    [Fact]
    public void One_endpoint_that_can_be_called_is_enough()
    {
        var tls = new ClusterTls { Source = "DestinationRule shop/v1", Fault = "no such Secret" };
        var withheld = Endpoint("10.0.0.2") with { Tls = TlsMode.Istio, Withheld = "its pod is not known" };
        ServiceModel[] services =
        [
            Service("v1", Endpoint("10.0.0.1") with { Tls = TlsMode.Istio }, withheld),
            Service("v2", Endpoint("10.0.0.1"), Endpoint("10.0.0.2") with { Tls = TlsMode.Simple }).WithCluster(c => c with { Tls = tls }),
        ];
        Assert.All(services, static service => Assert.Null(ClusterRefusal.WhyNone(service.Clusters[0], MeshSecurity.On, hasIdentity: true)));

        // One that is never called is none.
        var unready = Service("v3", Endpoint("10.0.0.1", EndpointHealth.Unready) with { Tls = TlsMode.Istio }, withheld);
        Assert.NotNull(ClusterRefusal.WhyNone(unready.Clusters[0], MeshSecurity.On, hasIdentity: true));
    }

    [Fact]
    public void Each_endpoint_says_who_it_has_to_prove_to_be()
    {
        EndpointModel[] endpoints =
        [
            Endpoint("10.0.0.1") with { Tls = TlsMode.Istio, SubjectAltNames = ["spiffe://a/ns/shop/sa/one", "spiffe://b/ns/shop/sa/one"] },
            Endpoint("10.0.0.2") with { Tls = TlsMode.Istio, Withheld = "its pod is not known" },
            Endpoint("10.0.0.3"),
        ];

        var explained = new BackendExplainer(Of(Service("v1", endpoints)), MeshSecurity.On).Explain(Service("v1", endpoints).Clusters[0]);

        Assert.Equal(["istio", "istio", "none"], explained.Select(static e => e.Tls));
        Assert.Equal(["spiffe://a/ns/shop/sa/one, spiffe://b/ns/shop/sa/one", "", ""], explained.Select(static e => string.Join(", ", e.Sans)));
        Assert.Equal([null, "its pod is not known", null], explained.Select(static e => e.Withheld));
        Assert.All(new BackendExplainer(Of(), MeshSecurity.Off).Explain(Service("v1", endpoints).Clusters[0]), static e => Assert.Equal(("none", 0), (e.Tls, e.Sans.Count)));
    }

    [Theory]
    [InlineData(null, null, false, "")]
    [InlineData("web.example", null, false, "web.example")]
    [InlineData("web.example", "other.example", false, "other.example, spiffe://a/other")]
    [InlineData("web.example", "other.example", true, "")]
    public void The_names_of_other_TLS_are_those_that_are_verified(string? sni, string? name, bool skips, string expected)
    {
        var tls = new ClusterTls { ServerName = sni, SkipsVerification = skips };
        tls = name is null ? tls : tls with { DnsNames = [name], Uris = ["spiffe://a/other"] };
        var cluster = Service("v1", Endpoint("10.0.0.1") with { Tls = TlsMode.Simple }).Clusters[0] with { Tls = tls };

        Assert.Equal(expected, string.Join(", ", Assert.Single(new BackendExplainer(Of(), MeshSecurity.On).Explain(cluster)).Sans));
    }

    [Fact]
    public void Timeouts_that_could_not_be_read_are_none()
    {
        var rule = Rule(To("v1")) with { Timeouts = new RouteTimeouts(Request: null, BackendRequest: null) };

        Assert.Null(Explain(Of(Service("web").WithRules(RouteScope.Producer, rule), V1), Get("http://web/")).Timeouts);
    }

    [Fact]
    public void A_service_without_valid_ports_says_what_is_wrong_with_them()
    {
        var service = V1 with { Frontends = [], Diagnostics = [Problem("Service shop/v1")] };

        Assert.Equal(["PortNotFound", "Code"], Explain(Of(service), Get("http://v1/")).Diagnostics.Select(static d => d.Code));
    }

    [Fact]
    public void No_match_is_404_with_the_scope_that_was_consulted()
    {
        var web = Service("web").WithRules(RouteScope.Consumer, Rule(To("v1"))).WithMatches();

        var answer = Explain(Of(web, V1), Get("http://web/"));

        Assert.Equal((ExplainedAction.Fail, 404, "consumer"), (answer.Action, answer.Status, answer.Scope));
        Assert.Null(answer.Route);
        Assert.Empty(answer.Backends);
        Assert.NotNull(answer.Frontend);
    }

    [Fact]
    public void A_rule_that_lists_no_match_has_none_to_name()
    {
        var rule = Rule(To("v1")) with { Index = 3, Name = "canary" };
        var web = Service("web").WithRules(RouteScope.Producer, rule).WithMatches(new RouteMatch { Rule = 0 });

        Assert.Equal(new ExplainedRoute("HTTPRoute", Ns, "split", 3, "canary", null), Explain(Of(web, V1), Get("http://web/")).Route);
    }

    [Theory]
    [InlineData(false, 12)]
    [InlineData(true, 14)]
    public void A_failed_grpc_call_is_a_reply_of_trailers(bool matches, int code)
    {
        var web = Service("web").WithRules(RouteScope.Producer, Rule(To("empty")));
        var mesh = Of(matches ? web : web.WithMatches(), Empty);

        var answer = Explain(mesh, MeshRequest.Create(null, "http://web/ignored?x=1", [], "pkg.Svc/Call"));

        Assert.Equal((ExplainedAction.Fail, 200, code), (answer.Action, answer.Status, answer.GrpcStatus));
        Assert.Equal(("POST", "/pkg.Svc/Call", ""), (answer.Request.Method, answer.Request.Path, answer.Request.Query));
        Assert.Empty(answer.Request.Headers);
        Assert.All(answer.Backends, static b => Assert.Equal((503, 14), (b.Status, b.GrpcStatus)));
    }

    [Fact]
    public void A_grpc_call_matches_by_its_path_method_and_content_type()
    {
        var web = Service("web").WithRules(RouteScope.Producer, Rule(To("v1"))).WithMatches(new RouteMatch
        {
            Rule = 0,
            Path = new PathMatch(PathMatchKind.Exact, "/pkg.Svc/Call"),
            Method = "POST",
            Headers = [new ValueMatch("content-type", "application/grpc")],
        });

        var answer = Explain(Of(web, V1), MeshRequest.Create(null, "http://web", [], "/pkg.Svc/Call"));

        Assert.Equal((ExplainedAction.Forward, null, null), (answer.Action, answer.Status, answer.GrpcStatus));
    }

    [Theory]
    [InlineData("http://v1/", null, "v1")]
    [InlineData("http://v1:80/", null, "v1")]
    [InlineData("https://v1:8443/", null, "v1:8443")]
    [InlineData("http://[fd00::1]:8080/", null, "[fd00::1]:8080")]
    [InlineData("http://v1/", "other.example:1", "other.example:1")]
    public void Host_is_the_authority_as_it_goes_out(string url, string? hostHeader, string expected)
    {
        KeyValuePair<string, string>[] headers = hostHeader is null ? [] : [new("hOST", hostHeader)];

        var answer = Explain(Of(V1), MeshRequest.Create(null, url, headers));

        Assert.Equal(expected, answer.Request.Host);
        Assert.Empty(answer.Request.Headers);
    }

    [Fact]
    public void A_host_header_is_matched_on_but_never_dialled()
    {
        var web = Service("web").WithRules(RouteScope.Producer, Rule(To("v1"))).WithMatches(
            new RouteMatch { Rule = 0, Headers = [new ValueMatch("Host", "v2")] });

        var answer = Explain(Of(web, V1, V2), MeshRequest.Create(null, "http://web/", [new("Host", "v2")]));

        Assert.Equal((ExplainedAction.Forward, "web"), (answer.Action, answer.Frontend?.Service));
    }

    [Fact]
    public void Headers_are_lower_case_joined_and_those_of_the_caller_alone()
    {
        KeyValuePair<string, string>[] headers = [new("X-B", "1"), new("Content-Type", "text/plain"), new("x-b", "2"), new("Accept", "*/*")];

        var request = Explain(Of(V1), MeshRequest.Create("put", "http://v1/a%20b/?q=1&q=%2B", headers)).Request;

        Assert.Equal(("put", "/a%20b/", "q=1&q=%2B"), (request.Method, request.Path, request.Query));
        Assert.Equal([new("x-b", "1,2"), new("content-type", "text/plain"), new("accept", "*/*")], request.Headers.ToArray());
    }

    [Fact]
    public void Content_headers_can_be_matched_on()
    {
        var web = Service("web").WithRules(RouteScope.Producer, Rule(To("v1"))).WithMatches(
            new RouteMatch { Rule = 0, Headers = [new ValueMatch("content-type", "text/plain")] });

        Assert.Equal(ExplainedAction.Forward, Explain(Of(web, V1), MeshRequest.Create("POST", "http://web/", [new("Content-Type", "text/plain")])).Action);
        Assert.Equal(ExplainedAction.Fail, Explain(Of(web, V1), Get("http://web/")).Action);
    }

    [Fact]
    public void Endpoints_are_all_listed_with_what_is_known_of_them()
    {
        var service = Service(
            "v1",
            Endpoint("10.0.0.1") with { Locality = new Locality("r", "z", "s"), Priority = 1, Weight = 3, Tls = TlsMode.Istio, SubjectAltNames = ["spiffe://a"] },
            Endpoint("fd00::1", EndpointHealth.Terminating) with { Tls = TlsMode.Simple },
            Endpoint("10.0.0.3", EndpointHealth.Unready) with { Locality = new Locality("r", "z", "") });

        var endpoints = Assert.Single(Explain(Of(service), Get("http://v1/")).Backends).Endpoints;

        Assert.Equal(["10.0.0.1:8080", "[fd00::1]:8080", "10.0.0.3:8080"], endpoints.Select(static e => e.Address));
        Assert.Equal(["ready", "terminating", "unready"], endpoints.Select(static e => e.Health));
        Assert.Equal(["r/z/s", null, "r/z"], endpoints.Select(static e => e.Locality));
        Assert.Equal(["istio", "simple", "none"], endpoints.Select(static e => e.Tls));
        Assert.Equal((1, 3), (endpoints[0].Priority, endpoints[0].Weight));
        Assert.Equal(["spiffe://a"], endpoints[0].Sans);
    }

    [Theory]
    [InlineData(EndpointHealth.Terminating, null)]
    [InlineData(EndpointHealth.Unready, 503)]
    public void Terminating_endpoints_are_the_last_resort_and_unready_ones_are_none(object health, int? status)
    {
        var service = Service("v1", Endpoint("10.0.0.1", (EndpointHealth)health));

        Assert.Equal(status, Explain(Of(service), Get("http://v1/")).Status);
    }

    [Fact]
    public void Security_off_shows_the_plaintext_that_it_makes_and_the_policy_that_it_ignores()
    {
        var service = Service("v1", Endpoint("10.0.0.1") with { Tls = TlsMode.Istio, SubjectAltNames = ["spiffe://a"] })
            .WithCluster(static c => c with { Policy = ClusterPolicy.None with { TlsMode = "ISTIO_MUTUAL" } });

        var backend = Assert.Single(new Explainer(Of(service), MeshSecurity.Off).Explain(Get("http://v1/")).Backends);

        Assert.Equal("none", backend.Endpoints[0].Tls);
        Assert.Empty(backend.Endpoints[0].Sans);
        Assert.Equal("ISTIO_MUTUAL", backend.Policy.Tls);
    }

    [Fact]
    public void Policies_are_shown_as_they_are_in_force()
    {
        var pool = JsonDocument.Parse("""{"http":{"maxRetries":3}}""").RootElement;
        var service = Service("v1", Endpoint("10.0.0.1")).WithCluster(c => c with
        {
            LoadBalancer = LoadBalancerKind.RingHash,
            Policy = new ClusterPolicy(new ServiceId(Ns, "rule"), "SIMPLE", OutlierDetection: null, pool),
        });

        var policy = Assert.Single(Explain(Of(service), Get("http://v1/")).Backends).Policy;

        Assert.Equal(new ExplainedObject(Ns, "rule"), policy.DestinationRule);
        Assert.Equal(("RING_HASH", "SIMPLE"), (policy.LoadBalancer, policy.Tls));
        Assert.Null(policy.OutlierDetection);
        Assert.Equal(3, policy.ConnectionPool?.GetProperty("http").GetProperty("maxRetries").GetInt32());
    }

    [Theory]
    [InlineData(LoadBalancerKind.LeastRequest, "LEAST_REQUEST")]
    [InlineData(LoadBalancerKind.RoundRobin, "ROUND_ROBIN")]
    [InlineData(LoadBalancerKind.Random, "RANDOM")]
    [InlineData(LoadBalancerKind.Maglev, "MAGLEV")]
    [InlineData(LoadBalancerKind.PassThrough, "PASSTHROUGH")]
    [InlineData(LoadBalancerKind.BackendUtilization, "BACKEND_UTILIZATION")]
    public void Load_balancers_have_their_names_of_the_api(object kind, string name)
    {
        var service = Service("v1", Endpoint("10.0.0.1")).WithCluster(c => c with { LoadBalancer = (LoadBalancerKind)kind });

        Assert.Equal(name, Assert.Single(Explain(Of(service), Get("http://v1/")).Backends).Policy.LoadBalancer);
    }

    [Fact]
    public void Sessions_are_shown_where_the_route_keeps_them()
    {
        var cookie = new SessionPersistence { Carrier = SessionCarrier.Cookie, Name = "place", IsPermanent = true, AbsoluteTimeout = TimeSpan.FromHours(1) };
        var header = new SessionPersistence { Carrier = SessionCarrier.Header, Name = "x-place" };
        var rule = Rule(To("v1"));
        ExplainedSession? SessionOf(RouteRule rule) => Explain(Of(Service("web").WithRules(RouteScope.Producer, rule), V1), Get("http://web/")).SessionPersistence;

        Assert.Equal(new ExplainedSession("Cookie", "place", "/", "Permanent", "1h"), SessionOf(rule with { Session = cookie }));
        Assert.Equal(new ExplainedSession("Header", "x-place", null, null, null), SessionOf(rule with { Session = header }));
        Assert.Equal(
            new ExplainedSession("Header", "x-place", null, null, null),
            SessionOf(rule with { Backends = new BackendSplit([rule.Backends.Backends[0] with { Session = header }]) }));
        Assert.Null(SessionOf(rule));
    }

    [Fact]
    public void Timeouts_and_retries_are_shown_where_the_route_sets_them()
    {
        var rule = Rule(To("v1")) with
        {
            Timeouts = new RouteTimeouts(TimeSpan.FromSeconds(90), BackendRequest: TimeSpan.Zero),
            Retry = new RouteRetry(2, [500, 503], TimeSpan.FromMilliseconds(25)),
        };

        var answer = Explain(Of(Service("web").WithRules(RouteScope.Producer, rule), V1), Get("http://web/"));

        Assert.Equal(new ExplainedTimeouts("1m30s", "0s"), answer.Timeouts);
        Assert.Equal((2, "25ms"), (answer.Retry?.Attempts, answer.Retry?.Backoff));
        Assert.Equal([500, 503], answer.Retry?.Codes);
        var plain = Explain(Of(V1), Get("http://v1/"));
        Assert.Null(plain.Timeouts);
        Assert.Null(plain.Retry);
    }

    [Fact]
    public void Diagnostics_are_those_of_the_services_and_routes_on_the_way_each_once()
    {
        var ofRoute = Problem("HTTPRoute shop/split");
        var ofBackend = Problem("DestinationRule shop/v1-settings");
        var web = Service("web").WithRules(RouteScope.Producer, Rule(To("v1"))) with { Diagnostics = [ofRoute] };
        var mesh = Of(web, V1 with { Diagnostics = [ofBackend] }, V2 with { Diagnostics = [Problem("Service shop/v2")] }) with
        {
            Diagnostics = [ofRoute, Problem("HTTPRoute shop/other")],
        };

        var answer = Explain(mesh, Get("http://web/"));

        Assert.Equal(["HTTPRoute shop/split", "DestinationRule shop/v1-settings"], answer.Diagnostics.Select(static d => d.Object));
        Assert.Equal(new ExplainedDiagnostic("error", "Code", "HTTPRoute shop/split", "spec", "message"), answer.Diagnostics[0]);
    }

    [Theory]
    [InlineData("/relative")]
    [InlineData("ftp://v1/")]
    [InlineData("http://not a host/")]
    public void What_is_no_url_is_refused(string url) => Assert.Throws<FormatException>(() => Get(url));

    [Theory]
    [InlineData("Service")]
    [InlineData("Service/")]
    [InlineData("/Method")]
    [InlineData("a/b/c")]
    public void What_is_no_grpc_method_is_refused(string method) =>
        Assert.Throws<FormatException>(() => MeshRequest.Create(null, "http://v1/", [], method));

    [Theory]
    [InlineData("GET", "bad name")]
    [InlineData("BAD METHOD", "name")]
    public void What_cannot_be_sent_is_refused(string method, string header) =>
        Assert.Throws<FormatException>(() => MeshRequest.Create(method, "http://v1/", [new(header, "value")]));

    private static MeshDiagnostic Problem(string subject) => new(DiagnosticSeverity.Error, "Code", subject, "spec", "message");

    private static MeshRequest Get(string url) => MeshRequest.Create(method: null, url, []);

    private static Explanation Explain(MeshSnapshot mesh, MeshRequest request) => new Explainer(mesh, MeshSecurity.On).Explain(request);
}
