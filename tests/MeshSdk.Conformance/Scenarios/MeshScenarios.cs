using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>The tests of the upstream mesh suite.</summary>
internal static class MeshScenarios
{
    private const string SetHeader = "X-Header-Set";

    public static IReadOnlyList<Scenario> Http { get; } =
    [
        new("MeshBasic", "Mesh") { Cases = [Case.That("GET / → any echo", static run => run.ConvergeAsync(async () =>
        {
            var answer = await run.SendAsync(Call.Get("/"));
            return answer is { Status: 200, Namespace: Names.Mesh, Host: "echo", Target: "/" } && answer.Pod!.StartsWith("echo-v", StringComparison.Ordinal)
                ? null
                : answer.ToString();
        }))] },
        Mesh("MeshTrafficSplit", "HTTPRoute", "traffic-split", Row("/v1", "echo-v1"), Row("/v2", "echo-v2")),
        Mesh(
            "MeshFrontend",
            "HTTPRouteResponseHeaderModification",
            "frontend",
            Row(Call.Get("http://echo-v2/"), Expected.From("echo-v2").Returning((SetHeader, "set"))),
            Case.That("GET the pod's address → echo-v2, untouched", static run => run.CheckAsync(
                Call.Get($"http://{run.World.Pods.Server(Names.Mesh, "echo-v2").EndPoints[8080]}/"), Expected.From("echo-v2").Returning((SetHeader, null))))),
        Mesh(
            "MeshFrontendHostname",
            "MeshClusterIPMatching",
            "frontend",
            Row(Call.Get("http://echo-v2/", ("Host", "echo-v1")), Expected.From("echo-v2").Returning((SetHeader, "set"))),
            Row(Call.Get("http://echo-v1/", ("Host", "echo-v2")), Expected.From("echo-v1").Returning((SetHeader, null)))),
        Mesh(
            "MeshPorts",
            "HTTPRouteParentRefPort",
            "ports",
            Row(Call.Get("http://echo-v1/"), Expected.From("echo-v1").Returning((SetHeader, "v1"))),
            Row(Call.Get("http://echo-v1:8080/"), Expected.From("echo-v1").Returning((SetHeader, null))),
            Row(Call.Get("http://echo-v2/"), Expected.From("echo-v2").Returning((SetHeader, "v2"))),
            Row(Call.Get("http://echo-v2:8080/"), Expected.From("echo-v2").Returning((SetHeader, "v2")))),
        Mesh(
            "MeshConsumerRoute",
            "MeshConsumerRoute",
            "consumer-route",
            Row(
                Call.Get("http://echo-v1.gateway-conformance-mesh/") with { From = Names.Consumer },
                Expected.From("echo-v1").Returning((SetHeader, "set"))),
            Row(
                Call.Get("http://echo-v1.gateway-conformance-mesh/") with { From = Names.Mesh },
                Expected.From("echo-v1").Returning((SetHeader, null)))),
        Mesh("MeshHTTPRouteSimpleSameNamespace", "HTTPRoute", "simple-same-namespace", Row("/", "echo-v1")),
        Mesh("MeshHTTPRouteMatching", "HTTPRoute", "matching", MatchingScenarios.PathAndHeader("echo-v1", "echo-v2")),
        Mesh("MeshHTTPRouteQueryParamMatching", "MeshHTTPRouteQueryParamMatching", "query-param-matching", MatchingScenarios.Query("echo-v1", "echo-v2")),
        Mesh("MeshHTTPRouteRequestHeaderModifier", "HTTPRoute", "request-header-modifier", HeaderRows.Request("echo-v1")),
        Mesh(
            "MeshHTTPRouteBackendRequestHeaderModifier",
            "MeshHTTPRouteBackendRequestHeaderModification",
            "backend-request-header-modifier",
            HeaderRows.Request("echo-v1")),
        Mesh("MeshHTTPRouteRewritePath", "MeshHTTPRouteRewritePath", "rewrite-path", HeaderRows.RewritePath("echo-v1")),
        Mesh("MeshHTTPRouteNamedRule", "MeshHTTPRouteNamedRouteRule", "named-rule", Row("/named", "echo-v1"), Row("/unnamed", "echo-v2")),
        Mesh("MeshHTTPRouteWeight", "HTTPRoute", "weight", Splits.Http("/", ("echo-v1", 70), ("echo-v2", 30))),
    ];

    public static IReadOnlyList<Scenario> Redirects { get; } =
    [
        Mesh("MeshHTTPRouteRedirectHostAndStatus", "HTTPRoute", "redirect-host-and-status", RedirectScenarios.HostAndStatus("http")),
        Mesh("MeshHTTPRouteRedirectPath", "MeshHTTPRouteRedirectPath", "redirect-path", RedirectScenarios.Path("http://echo")),
        Mesh("MeshHTTPRouteRedirectPort", "MeshHTTPRouteRedirectPort", "redirect-port", RedirectScenarios.Port("echo")),
        Mesh("MeshHTTPRouteSchemeRedirect", "MeshHTTPRouteSchemeRedirect", "scheme-redirect", RedirectScenarios.Scheme("echo")),
        Mesh("MeshHTTPRoute303Redirect", "HTTPRoute303RedirectStatusCode", "redirect-303", Redirect("/redirect", 303, "http://echo/redirect")),
        Mesh("MeshHTTPRoute307Redirect", "HTTPRoute307RedirectStatusCode", "redirect-307", Redirect("/temporary", 307, "http://echo/temporary")),
        Mesh("MeshHTTPRoute308Redirect", "HTTPRoute308RedirectStatusCode", "redirect-308", Redirect("/permanent", 308, "http://echo/permanent")),
    ];

    public static IReadOnlyList<Scenario> Grpc { get; } =
    [
        OfGrpc("MeshGRPCRouteWeight", "grpc-weight", Splits.Grpc(Echo.EchoMessage.Path, ("echo-v1", 70), ("echo-v2", 30))),
        OfGrpc("MeshGRPCRouteRequestHeaderModifier", "grpc-request-header-modifier", GrpcScenarios.Modified("echo-v1", "echo-v2")),
    ];

    private static Scenario OfGrpc(string name, string manifest, params IReadOnlyList<Case> cases) =>
        Mesh(name, "GRPCRoute", manifest, cases) with { Origin = "http://echo:7070", Versions = ["2.0"] };

    private static Scenario Mesh(string name, string feature, string manifest, params IReadOnlyList<Case> cases) =>
        new(name, feature) { Manifests = ["mesh/" + manifest], Cases = cases };
}
