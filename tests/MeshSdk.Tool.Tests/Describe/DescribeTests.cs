using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Describe;
using MeshSdk.Tool.Identity;
using MeshSdk.Tool.Tests.Configuration;

namespace MeshSdk.Tool.Tests.Describe;

public sealed class DescribeTests : IDisposable
{
    private readonly ManifestDirectory _manifests = new();

    public void Dispose() => _manifests.Dispose();

    [Fact]
    public async Task A_routed_service_shows_matches_backends_and_shares_and_names_what_is_outside_of_the_callers_namespace() => Assert.Equal(
        """
        Service: backend.istio-test
           Port: http 80/HTTP targets pod port 5678
        HTTPRoute: backend-split.istio-test (producer)
           Rule 0 "two":
              Match: /* when headers are version=two
              Route to host "backend-v2.istio-test" port 80 with weight 100%
                 LEAST_REQUEST, TLS none, endpoints 1 total, 1 ready
           Rule 1:
              Match: /*
              Route to host "backend-v1.istio-test" port 80 with weight 90%
                 DestinationRule backend-v1-settings.istio-test, ROUND_ROBIN, TLS none, endpoints 2 total, 1 ready, 1 unready
              Route to host "backend-v2.istio-test" port 80 with weight 10%
                 LEAST_REQUEST, TLS none, endpoints 1 total, 1 ready
        Endpoints: 0 total, 0 ready, of the Service itself: calls go where the routes lead

        """,
        await CanaryAsync("backend.istio-test.svc", "--security", "off"));

    [Fact]
    public async Task Routes_that_are_not_accepted_or_lead_nowhere_are_told_with_the_reason()
    {
        using var mesh = new DescribedMesh(DescribedMesh.Web + """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: good, namespace: shop }
            spec: { parentRefs: [{ group: "", kind: Service, name: web }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: lost, namespace: shop, generation: 3 }
            spec: { parentRefs: [{ group: "", kind: Service, name: web, port: 81 }], rules: [{ backendRefs: [{ name: gone, port: 80 }] }] }
            """);
        var text = await mesh.TextAsync("web");
        Assert.Contains(
            """
            Route conditions:
               HTTPRoute lost: Accepted is False (NoMatchingParent): Service shop/web has no TCP port 81, but http 80; the route does not apply to it
               HTTPRoute lost: ResolvedRefs is False (BackendNotFound): spec.rules[0].backendRefs[0]: there is no Service shop/gone; its share is answered with 500

            """,
            text, StringComparison.Ordinal);
        var statuses = (await mesh.JsonAsync("web")).GetProperty("routeStatuses");
        Assert.Equal(
            ["good True", "lost False"], statuses.EnumerateArray().Select(static s => $"{s.GetProperty("name")} {s.GetProperty("accepted")}"));
        Assert.Equal(3, statuses[1].GetProperty("conditions")[0].GetProperty("observedGeneration").GetInt32());
    }

    [Fact]
    public async Task A_rule_shows_its_timeouts_retries_and_session()
    {
        using var mesh = new DescribedMesh(DescribedMesh.Web + """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: route, namespace: shop }
            spec:
              parentRefs: [{ group: "", kind: Service, name: web }]
              rules:
              - timeouts: { request: 5s, backendRequest: 500ms }
                retry: { attempts: 3, codes: [503] }
                sessionPersistence: { sessionName: id, type: Header }
                backendRefs: [{ name: web, port: 80 }]
            """);
        Assert.Contains(
            """
                  Timeouts: request 5s, each try 500ms
                  Retry: up to 3, backoff 25ms, on 503
                  Session: kept by header id
            """,
            await mesh.TextAsync("web"), StringComparison.Ordinal);
        var rule = (await mesh.JsonAsync("web")).GetProperty("ports")[0].GetProperty("routes")[0].GetProperty("rules")[0];
        Assert.Equal("""{"request":"5s","backendRequest":"500ms"}""", rule.GetProperty("timeouts").GetRawText());
        Assert.Equal("""{"attempts":3,"codes":[503],"backoff":"25ms"}""", rule.GetProperty("retry").GetRawText());
        Assert.Equal("id", rule.GetProperty("sessionPersistence").GetProperty("name").GetString());
    }

    [Fact]
    public async Task What_is_wrong_with_a_route_is_told_at_each_of_its_parents()
    {
        using var mesh = new DescribedMesh(DescribedMesh.Web + """
            apiVersion: v1
            kind: Service
            metadata: { name: api, namespace: shop }
            spec: { ports: [{ name: http, port: 80 }] }
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: route, namespace: shop }
            spec:
              parentRefs:
              - { group: "", kind: Service, name: web }
              - { group: "", kind: Service, name: api, port: 99 }
              - { group: "", kind: Service, name: gone }
              rules: [{ backendRefs: [{ name: web, port: 80 }] }]
            """);

        foreach (var name in new[] { "web", "api" })
        {
            var problems = (await mesh.JsonAsync(name)).GetProperty("problems");
            Assert.Equal(
                ["spec.parentRefs[1]", "spec.parentRefs[2]"],
                problems.EnumerateArray()
                    .Where(static problem => problem.GetProperty("code").GetString() == "NoMatchingParent")
                    .Select(static problem => problem.GetProperty("path").GetString()!.Replace(".port", "", StringComparison.Ordinal)).Order());
        }
    }

    [Fact]
    public async Task Security_that_is_off_is_the_reason_for_plaintext()
    {
        var text = await CanaryAsync("backend-v1", "-n", "istio-test", "--security", "off");

        Assert.Contains("TLS none: --security is off; else DestinationRule istio-test/backend-v1-settings says ISTIO_MUTUAL\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NoIdentity", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_that_are_not_acted_on_are_listed_apart_from_problems()
    {
        var text = await CrowdedAsync("web");

        var notActedOn = DescribedMesh.Section(text, "Not acted on:");
        Assert.Contains(notActedOn, static line => line.Contains("DestinationRule shop/web-base spec.subsets:", StringComparison.Ordinal));
        var problems = DescribedMesh.Section(text, "Problems:");
        Assert.Contains(problems, static line => line.Contains("[BackendNotFound]", StringComparison.Ordinal));
        Assert.DoesNotContain(problems, static line => line.Contains("[NotImplemented]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Routes_of_the_callers_namespace_replace_those_of_the_service()
    {
        var text = await CrowdedAsync("web.shop", "-n", "elsewhere");

        Assert.Contains("   HTTPRoute: foreign (consumer)\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "   Not used HTTPRoute: first.shop: the routes of the caller's own namespace elsewhere replace those of the Service's\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alias_has_no_ports_and_is_left_to_dns() => Assert.Equal(
        """
        Service: alias
           ExternalName: calls to it go where DNS says

        """,
        await DescribeAsync("{ apiVersion: v1, kind: Service, metadata: { name: alias, namespace: shop }, spec: { type: ExternalName } }", "alias"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_port_whose_calls_the_mesh_answers_itself_is_not_said_to_be_called_directly(bool wholeRule)
    {
        var resources = new ResourceStore();
        resources.Apply([.. ManifestReader.Read(File.ReadAllText(ManifestDirectory.Canary), "canary").Resources], []);
        var caller = new CallerContext { Namespace = "istio-test" };
        var snapshot = new MeshCompiler(caller, CompilerOptions.Default).Compile(resources);
        var service = snapshot.Services[new ServiceId("istio-test", "backend-v1")];
        var failure = new RouteFailure(503, "PolicyUnknown") { Message = "the Role lacks httproutes" };
        var rule = service.Frontends[0].Routes.Rules[0];
        rule = wholeRule
            ? rule with { Failure = failure }
            : rule with { Backends = new BackendSplit([rule.Backends.Backends[0] with { Failure = failure }]) };
        var frontend = service.Frontends[0] with { Routes = service.Frontends[0].Routes with { Rules = [rule] } };
        snapshot = snapshot with { Services = snapshot.Services.SetItem(service.Id, service with { Frontends = [frontend] }) };

        var description = new ServiceDescriber(new LoadedMesh(resources, [], []), snapshot, caller, MeshSecurity.On, CallerIdentity.None("nothing")).Describe(service.Id)!;

        Assert.Equal((503, "the Role lacks httproutes"), (description.Ports[0].Status, description.Ports[0].Reason));
        var text = DescriptionText.Of(description);
        Assert.Contains("\nWARNING: Every call is answered 503: the Role lacks httproutes\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("No HTTPRoute", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_a_no()
    {
        var run = await ToolRun.Of("describe", "service", "nope", "--manifests", ManifestDirectory.Canary, "-o", "json");

        Assert.Equal((1, "", "mesh: there is no Service default/nope\n"), (run.ExitCode, run.Out, run.Error));
    }

    [Fact]
    public async Task What_is_unknown_names_the_missing_rule_and_what_it_means_for_calls()
    {
        var cluster = new FakeCluster(File.ReadAllText(ManifestDirectory.Canary))
        {
            Unknown =
            [
                new UnknownScope("DestinationRule", "istio-system", null, "the Role lacks list of destinationrules.networking.istio.io"),
                new UnknownScope("EndpointSlice", "istio-test", "backend-v2", "not read yet"),
                new UnknownScope("EndpointSlice", "istio-test", "other", "of no concern"),
                new UnknownScope("HTTPRoute", "elsewhere", null, "of no concern"),
                new UnknownScope("Node", null, null, "the Role lacks list of nodes"),
                new UnknownScope("Pod", "istio-test", null, "the Role lacks list of pods"),
            ],
        };

        var run = await ToolRun.In(_manifests.WithCluster(cluster.Open), "describe", "svc", "backend");

        Assert.EndsWith(
            """
            Unknown, and calls that depend on it are answered 503 until it is known:
               DestinationRule in namespace istio-system: the Role lacks list of destinationrules.networking.istio.io
               EndpointSlice of backend-v2 in namespace istio-test: not read yet
            Unknown, and calls go on without it:
               Node in all namespaces: the Role lacks list of nodes
               Pod in namespace istio-test: the Role lacks list of pods

            """,
            run.Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_cannot_be_told_from_none_is_a_no_with_the_reason()
    {
        var cluster = new FakeCluster("") { Unknown = [new UnknownScope("Service", "istio-test", null, "the Role lacks list of services")] };

        var run = await ToolRun.In(_manifests.WithCluster(cluster.Open), "describe", "service", "backend");

        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.EndsWith("Service istio-test/backend: the Role lacks list of services", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_every_property_in_its_order()
    {
        var run = await ToolRun.Of("describe", "service", "backend", "-n", "istio-test", "-o", "json", "--manifests", ManifestDirectory.Canary);

        var service = run.Json;
        Assert.Equal(
            ["namespace", "service", "type", "callerNamespace", "hosts", "ports", "reachedBy", "notActedOn", "problems", "unknown", "routeStatuses", "peerAuthentication", "caller"],
            Names(service));
        var port = service.GetProperty("ports")[0];
        Assert.Equal(
            ["name", "port", "protocol", "targetPort", "destinationRules", "policy", "scope", "routes", "lostRoutes", "endpoints", "status", "reason",
                "grpcScope", "grpcRoutes", "effectivePolicy", "lostDestinationRules"],
            Names(port));
        Assert.Equal("producer", port.GetProperty("scope").GetString());
        var rule = port.GetProperty("routes")[0].GetProperty("rules")[1];
        Assert.Equal(["rule", "ruleName", "status", "reason", "matches", "backends", "filters", "timeouts", "retry", "sessionPersistence"], Names(rule));
        Assert.Equal("""{"match":null,"order":1,"conditions":"/*","shadowedBy":null}""", rule.GetProperty("matches")[0].GetRawText());
        var backend = rule.GetProperty("backends")[0];
        Assert.Equal(["namespace", "service", "port", "weight", "share", "status", "reason", "policy", "endpoints", "filters"], Names(backend));
        Assert.Equal((90, 0.9), (backend.GetProperty("weight").GetInt32(), backend.GetProperty("share").GetDouble()));
        var endpoints = backend.GetProperty("endpoints");
        Assert.Equal(["total", "ready", "terminating", "unready", "items", "ejected", "priorities"], Names(endpoints));
        Assert.Equal(["priority", "total", "ready", "ejected", "load", "localities"], Names(endpoints.GetProperty("priorities")[0]));
        Assert.Equal((2, 1), (endpoints.GetProperty("total").GetInt32(), endpoints.GetProperty("ready").GetInt32()));
        Assert.Equal(["address", "health", "locality", "priority", "weight", "tls", "tlsReason", "sans", "notUsed", "withheld"], Names(endpoints.GetProperty("items")[0]));
    }

    private static IEnumerable<string> Names(System.Text.Json.JsonElement element) => element.EnumerateObject().Select(static p => p.Name);

    private static async Task<string> CanaryAsync(string name, params string[] args)
    {
        var run = await ToolRun.Of(["describe", "service", name, "--manifests", ManifestDirectory.Canary, .. args]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Out;
    }

    private static Task<string> CrowdedAsync(string name, params string[] args) => DescribeAsync(File.ReadAllText(GoldenTests.FileOf("crowded", "mesh.yaml")), name, args);

    private static async Task<string> DescribeAsync(string manifests, string name, params string[] args)
    {
        using var mesh = new DescribedMesh(manifests);
        return await mesh.TextAsync(name, args);
    }
}
