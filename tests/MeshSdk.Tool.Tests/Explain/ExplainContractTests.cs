using System.Text.Json;

namespace MeshSdk.Tool.Tests.Explain;

/// <summary>The JSON is a public interface: these are the names, their order and their presence that scripts rely on.</summary>
public sealed class ExplainContractTests
{
    private static readonly string[] Manifests = ["--manifests", ManifestDirectory.Canary, "-n", "istio-test"];

    [Theory]
    [InlineData("http://backend/")]
    [InlineData("http://backend-v1/")]
    [InlineData("http://elsewhere.example/")]
    [InlineData("http://backend:81/")]
    [InlineData("http://backend-v1.istio-test.svc.cluster.local/a?b=c")]
    public async Task Every_property_is_always_there_in_its_order(string url)
    {
        var run = await ToolRun.Of(["explain", "-o", "json", .. Manifests, url]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            [
                "action", "frontend", "scope", "route", "status", "grpcStatus", "location", "request", "backends", "mirrors",
                "responseHeaders", "timeouts", "retry", "sessionPersistence", "diagnostics",
            ],
            Names(run.Json));
        Assert.Equal(["method", "host", "path", "query", "headers"], Names(run.Json.GetProperty("request")));
        Assert.Equal(["set", "add", "remove"], Names(run.Json.GetProperty("responseHeaders")));
        foreach (var diagnostic in run.Json.GetProperty("diagnostics").EnumerateArray())
        {
            Assert.Equal(["severity", "code", "object", "path", "message"], Names(diagnostic));
        }
    }

    [Fact]
    public async Task A_forwarded_request_has_the_shape_of_the_contract()
    {
        var answer = (await ToolRun.Of(["explain", "-o", "json", .. Manifests, "http://backend"])).Json;

        Assert.Equal(["namespace", "service", "port"], Names(answer.GetProperty("frontend")));
        Assert.Equal(["kind", "namespace", "name", "rule", "ruleName", "match"], Names(answer.GetProperty("route")));
        var backend = answer.GetProperty("backends")[0];
        Assert.Equal(
            [
                "namespace", "service", "port", "weight", "share", "status", "grpcStatus", "request", "responseHeaders", "location", "mirrors",
                "endpoints", "policy",
            ],
            Names(backend));
        Assert.Equal(["host", "path", "query", "headers"], Names(backend.GetProperty("request")));
        Assert.Equal(["set", "add", "remove"], Names(backend.GetProperty("responseHeaders")));
        Assert.Equal(
            ["address", "health", "locality", "priority", "weight", "tls", "sans", "withheld"], Names(backend.GetProperty("endpoints")[0]));
        var policy = backend.GetProperty("policy");
        Assert.Equal(["destinationRule", "loadBalancer", "tls", "outlierDetection", "connectionPool"], Names(policy));
        Assert.Equal(["namespace", "name"], Names(policy.GetProperty("destinationRule")));
    }

    [Fact]
    public async Task The_reference_canary_splits_nine_to_one()
    {
        var answer = (await ToolRun.Of(["explain", "-o", "json", .. Manifests, "http://backend"])).Json;

        Assert.Equal("forward", answer.GetProperty("action").GetString());
        Assert.Equal("producer", answer.GetProperty("scope").GetString());
        Assert.Equal("""{"kind":"HTTPRoute","namespace":"istio-test","name":"backend-split","rule":1,"ruleName":null,"match":null}""",
            answer.GetProperty("route").GetRawText());
        var backends = answer.GetProperty("backends").EnumerateArray().ToArray();
        Assert.Equal([0.9, 0.1], backends.Select(static b => b.GetProperty("share").GetDouble()));
        Assert.Equal([90, 10], backends.Select(static b => b.GetProperty("weight").GetInt32()));
        var endpoints = backends[0].GetProperty("endpoints").EnumerateArray().ToArray();
        Assert.Equal(["10.0.0.11:5678", "10.0.0.12:5678"], endpoints.Select(static e => e.GetProperty("address").GetString()));
        Assert.Equal(["ready", "unready"], endpoints.Select(static e => e.GetProperty("health").GetString()));
        var policy = backends[0].GetProperty("policy");
        Assert.Equal("""{"namespace":"istio-test","name":"backend-v1-settings"}""", policy.GetProperty("destinationRule").GetRawText());
        Assert.Equal(("ROUND_ROBIN", "ISTIO_MUTUAL"), (policy.GetProperty("loadBalancer").GetString(), policy.GetProperty("tls").GetString()));
        Assert.Equal("LEAST_REQUEST", backends[1].GetProperty("policy").GetProperty("loadBalancer").GetString());
    }

    [Fact]
    public async Task A_header_leads_to_the_other_rule()
    {
        var answer = (await ToolRun.Of(["explain", "-o", "json", .. Manifests, "-H", "Version: two", "http://backend"])).Json;

        Assert.Equal((0, "two", 0), (
            answer.GetProperty("route").GetProperty("rule").GetInt32(),
            answer.GetProperty("route").GetProperty("ruleName").GetString(),
            answer.GetProperty("route").GetProperty("match").GetInt32()));
        Assert.Equal("""{"version":"two"}""", answer.GetProperty("request").GetProperty("headers").GetRawText());
        Assert.Equal("backend-v2", Assert.Single(answer.GetProperty("backends").EnumerateArray()).GetProperty("service").GetString());
    }

    [Theory]
    [InlineData("http://backend.istio-test.svc.cluster.local", "default", "forward")]
    [InlineData("http://10.96.0.10", "default", "forward")]
    [InlineData("http://backend", "default", "passthrough")]
    [InlineData("http://10.0.0.11:5678", "istio-test", "passthrough")]
    public async Task Names_are_resolved_from_the_callers_namespace(string url, string ns, string action)
    {
        var answer = (await ToolRun.Of("explain", "-o", "json", "--manifests", ManifestDirectory.Canary, "-n", ns, url)).Json;

        Assert.Equal(action, answer.GetProperty("action").GetString());
    }

    [Fact]
    public async Task Security_off_is_said_on_standard_error_in_one_line()
    {
        var run = await ToolRun.Of(["explain", "-o", "json", .. Manifests, "--security", "off", "http://backend"]);

        Assert.Contains("plaintext", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.Equal("none", run.Json.GetProperty("backends")[0].GetProperty("endpoints")[0].GetProperty("tls").GetString());
    }

    [Fact]
    public async Task Text_is_the_default_form()
    {
        var run = await ToolRun.Of(["explain", .. Manifests, "http://backend"]);

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("GET http://backend/ from namespace istio-test\nAction    forward\n", run.Out, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(static p => p.Name);
}
