using MeshSdk.Model;
using MeshSdk.Tool.Explain;
using static MeshSdk.Tool.Tests.Explain.Snapshots;

namespace MeshSdk.Tool.Tests.Explain;

public sealed class ExplanationTextTests
{
    private static readonly CallerContext Caller = new() { Namespace = Ns };

    [Fact]
    public void A_split_shows_shares_policies_endpoints_and_problems()
    {
        var rule = Rule(To("web-v1", 90), To("v2", 10), Missing("gone", 0)) with
        {
            Name = "canary",
            Timeouts = new RouteTimeouts(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500)),
            Retry = new RouteRetry(2, [500, 503], TimeSpan.FromMilliseconds(25)),
        };
        var web = Service("web").WithRules(RouteScope.Producer, rule) with
        {
            Diagnostics = [new(DiagnosticSeverity.Error, "BackendNotFound", "HTTPRoute shop/split", "spec.rules[0].backendRefs[2]", "There is no service shop/gone.")],
        };
        var v1 = Service("web-v1", Endpoint("10.0.0.1") with { Tls = TlsMode.Istio, Locality = new Locality("r", "z", "") }, Endpoint("10.0.0.2", EndpointHealth.Unready))
            .WithCluster(static c => c with
            {
                LoadBalancer = LoadBalancerKind.RoundRobin,
                Policy = ClusterPolicy.None with { Name = new ServiceId(Ns, "v1-settings"), TlsMode = "ISTIO_MUTUAL" },
            });

        Assert.Equal(
            """
            GET http://web/ from namespace shop
            Action    forward
            Service   shop/web:80
            Route     HTTPRoute shop/split (producer), rule 0 'canary', match 0
            Timeouts  request 1s, each try 500ms
            Retry     up to 2, backoff 25ms, on 500, 503
                 90 %  shop/web-v1:80  ROUND_ROBIN, DestinationRule shop/v1-settings, TLS ISTIO_MUTUAL
                       10.0.0.1:8080  ready  r/z  tls istio
                       10.0.0.2:8080  unready  gets no requests: not ready
                 10 %  shop/v2:80      answers 503, no usable endpoint
                  0 %  shop/gone:80    answers 500, invalid reference
            error: HTTPRoute shop/split spec.rules[0].backendRefs[2]: There is no service shop/gone. [BackendNotFound]
            warning: DestinationRule shop/v1-settings spec.trafficPolicy.tls: calls to shop/web-v1:80 use the mutual TLS of the mesh, and this caller has no identity: they are answered with 503 UF. Give one with --certs DIR, or send them in plaintext with --security off [NoIdentity]

            """,
            Text(Of(web, v1, Service("v2")), Get("http://web/")));
    }

    [Theory]
    [InlineData("PolicyUnknown", "policy unknown")]
    [InlineData("EndpointsUnknown", "endpoints unknown")]
    [InlineData("BackendUnknown", "not known whether it exists")]
    public void What_is_unknown_is_not_called_an_invalid_reference(string code, string words)
    {
        var backend = To("v1") with { Failure = new RouteFailure(503, code) { Message = "the Role lacks a rule" } };

        Assert.Contains(
            $"100 %  shop/v1:80  answers 503, {words}\n",
            Text(Of(Service("web").WithRules(RouteScope.Producer, Rule(backend)), Service("v1", Endpoint("10.0.0.1"))), Get("http://web/")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_outside_of_the_mesh_is_one_line_of_answer() => Assert.Equal(
        """
        GET http://elsewhere.example/ from namespace shop
        Action    passthrough, DNS decides: no service of the mesh has that name

        """,
        Text(Of(), Get("http://elsewhere.example/")));

    [Fact]
    public void A_rule_that_cannot_be_served_says_why()
    {
        var rule = Rule(To("v1")) with { Failure = new RouteFailure(500, "UnsupportedValue") { Message = "its filter is unknown" } };

        Assert.Contains(
            "Action    fail with 500: its filter is unknown\n",
            Text(Of(Service("web").WithRules(RouteScope.Producer, rule), Service("v1", Endpoint("10.0.0.1"))), Get("http://web/")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_no_rule_matches_says_so() => Assert.Equal(
        """
        GET http://web/ from namespace shop
        Action    fail with 404: no rule of the routes matches
        Service   shop/web:80
        Route     none of the consumer routes

        """,
        Text(Of(Service("web").WithRules(RouteScope.Consumer, Rule()).WithMatches()), Get("http://web/")));

    [Fact]
    public void A_grpc_call_fails_with_its_own_code() => Assert.Equal(
        """
        POST http://web/pkg.Svc/Call from namespace shop
        Action    fail with gRPC status 14: no backend with a share of the requests can serve them
        Service   shop/web:80
        Route     none: the service itself
        Host      other.example
            100 %  shop/web:80  answers gRPC status 14, no usable endpoint

        """,
        Text(Of(Service("web")), MeshRequest.Create(null, "http://web/", [new("Host", "other.example")], "pkg.Svc/Call")));

    private static MeshRequest Get(string url) => MeshRequest.Create(method: null, url, []);

    private static string Text(MeshSnapshot mesh, MeshRequest request) =>
        ExplanationText.Of(new Explainer(mesh, MeshSecurity.On).Explain(request), request, Caller);
}
