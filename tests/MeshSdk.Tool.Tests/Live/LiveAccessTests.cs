namespace MeshSdk.Tool.Tests.Live;

/// <summary>What commands say to somebody who may read a part of the cluster.</summary>
public sealed class LiveAccessTests
{
    [Fact]
    public async Task The_roles_of_the_sample_are_enough_for_every_command()
    {
        await using var canary = await LiveCanary.StartAsync(static options => options.EnforceAccess = true);
        string[] client = ["--kubeconfig", canary.KubeconfigOf("client")];

        foreach (var command in new string[][]
        {
            ["explain", "http://backend/"], ["describe", "service", "backend"], ["get", "routes"], ["get", "endpoints"],
            ["curl", "--security", "off", "http://backend/"],
        })
        {
            var run = await ToolRun.Of([.. command, .. client]);
            Assert.Equal(0, run.ExitCode);
            Assert.DoesNotContain("not allowed", run.Error + run.Out, StringComparison.Ordinal);
            Assert.DoesNotContain("Unknown", run.Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("httproutes", "gateway.networking.k8s.io", "HTTPRoute")]
    [InlineData("destinationrules", "networking.istio.io", "DestinationRule")]
    public async Task Routes_and_policies_that_may_not_be_read_fail_calls_and_the_missing_rule_is_named(string resource, string group, string kind)
    {
        await using var canary = await LimitedAsync(resource);
        string[] client = ["--kubeconfig", canary.KubeconfigOf("client")];
        var rule = $"grant the rule {{apiGroups: [\"{group}\"], resources: [{resource}], verbs: [list, watch]}} by a Role in namespace istio-test";

        var explain = await ToolRun.Of(["explain", "-o", "json", "http://backend/", .. client]);
        Assert.Equal((0, "fail", 503), (
            explain.ExitCode, explain.Json.GetProperty("action").GetString(), explain.Json.GetProperty("status").GetInt32()));
        Assert.Contains(rule, explain.Json.GetProperty("diagnostics")[0].GetProperty("message").GetString(), StringComparison.Ordinal);

        var describe = await ToolRun.Of(["describe", "service", "backend", .. client]);
        Assert.Equal(0, describe.ExitCode);
        Assert.Contains($"{kind} in namespace istio-test: it is not allowed to list {resource}", describe.Out, StringComparison.Ordinal);
        Assert.Contains(rule, describe.Out, StringComparison.Ordinal);
        Assert.Equal(2, describe.Out.Split("it is not allowed").Length);
        if (kind == "DestinationRule")
        {
            Assert.Matches(@"\n +127\.0\.0\.1:\d+ +ready +TLS unknown: ", describe.Out);
            Assert.DoesNotContain("no DestinationRule applies", describe.Out, StringComparison.Ordinal);
            Assert.Equal("unknown", (await ToolRun.Of(["get", "endpoints", "-o", "json", .. client])).Json[0].GetProperty("endpoint").GetProperty("tls").GetString());
        }

        var get = await ToolRun.Of(["get", kind == "HTTPRoute" ? "routes" : "policies", .. client]);
        Assert.Contains($"mesh: {kind} in namespace istio-test could not be read: it is not allowed", get.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("No resources found", get.Error, StringComparison.Ordinal);
        Assert.Equal(1, get.ExitCode);

        var curl = await ToolRun.Of(["curl", "--security", "off", "-o", "json", "http://backend/", .. client]);
        Assert.Equal((0, 503), (curl.ExitCode, curl.Json.GetProperty("status").GetInt32()));
        Assert.Contains(rule, curl.Json.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("mesh: calls are answered 503: ", Assert.Single(curl.ErrorLines, line => line.Contains(rule, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curl_says_nothing_of_unknown_endpoints_that_no_call_needs()
    {
        var manifests = (await File.ReadAllTextAsync(ManifestDirectory.Canary, TestContext.Current.CancellationToken)).Replace("10.0.0.", "127.0.0.", StringComparison.Ordinal);
        var cluster = new Configuration.FakeCluster(manifests)
        {
            Unknown = [new MeshSdk.Resources.UnknownScope("EndpointSlice", "istio-test", "backend", "the Role lacks endpointslices")],
        };
        using var directory = new ManifestDirectory();
        var surroundings = directory.WithCluster(cluster.Open);

        // No server is there either, which is another matter: the call went where the route leads.
        var run = await ToolRun.In(surroundings, "curl", "--security", "off", "--timeout", "30s", "-o", "json", "http://backend/");

        Assert.DoesNotContain("endpointslices", run.Out + run.Error, StringComparison.Ordinal);
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, run.Json.GetProperty("endpoint").ValueKind);
    }

    [Fact]
    public async Task Services_that_may_not_be_read_are_not_said_to_be_absent()
    {
        await using var canary = await LimitedAsync("services");
        string[] client = ["--kubeconfig", canary.KubeconfigOf("client")];

        var explain = (await ToolRun.Of(["explain", "-o", "json", "http://backend/", .. client])).Json;
        Assert.Equal(("fail", 503), (explain.GetProperty("action").GetString(), explain.GetProperty("status").GetInt32()));
        Assert.Contains("resources: [services]", explain.GetProperty("diagnostics")[0].GetProperty("message").GetString(), StringComparison.Ordinal);

        var describe = await ToolRun.Of(["describe", "service", "backend", .. client]);
        Assert.Equal((1, ""), (describe.ExitCode, describe.Out));
        Assert.Contains("it cannot be told whether there is a Service istio-test/backend", Assert.Single(describe.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://backend/")]
    [InlineData("http://backend.istio-test/")]
    [InlineData("http://backend.istio-test.svc/")]
    public async Task Curl_and_explain_agree_on_services_that_may_not_be_read(string url)
    {
        await using var canary = await LimitedAsync("services");
        string[] client = ["--kubeconfig", canary.KubeconfigOf("client"), "-o", "json"];

        Assert.Equal(503, (await ToolRun.Of(["explain", url, .. client])).Json.GetProperty("status").GetInt32());
        var curl = (await ToolRun.Of(["curl", "--security", "off", url, .. client])).Json;
        Assert.Equal((503, "NC"), (curl.GetProperty("status").GetInt32(), curl.GetProperty("flags").GetString()));
    }

    [Fact]
    public async Task A_name_of_the_Internet_passes_through_though_its_namespace_may_not_be_read()
    {
        await using var canary = await LiveCanary.StartAsync(static options => options.EnforceAccess = true);
        string[] client = ["--kubeconfig", canary.KubeconfigOf("client"), "-o", "json"];

        var explain = (await ToolRun.Of(["explain", "http://nowhere.invalid/", .. client])).Json;
        Assert.Equal("passthrough", explain.GetProperty("action").GetString());

        // DNS was asked, which is to say that the mesh let it pass.
        var curl = (await ToolRun.Of(["curl", "http://nowhere.invalid/", .. client])).Json;
        Assert.Equal((0, System.Text.Json.JsonValueKind.String), (curl.GetProperty("status").GetInt32(), curl.GetProperty("error").ValueKind));
    }

    [Fact]
    public async Task A_batch_tells_line_by_line_what_is_not_known()
    {
        await using var canary = await LiveCanary.StartAsync(static options => options.EnforceAccess = true);
        var batch = Path.Combine(canary.Directory, "batch");
        await File.WriteAllTextAsync(
            batch,
            """
            {"url":"http://backend/"}
            {"url":"http://web.default.svc.cluster.local/"}
            {"url":"http://backend.istio-test/","namespace":"default"}
            {"url":"http://backend/"}
            """);

        var run = await ToolRun.Of("explain", "--batch", batch, "--kubeconfig", canary.KubeconfigOf("client"));

        // The third is forbidden to know the routes of its own namespace, any of which could take its calls elsewhere.
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["forward", "fail", "fail", "forward"], run.JsonLines.Select(static line => line.GetProperty("action").GetString()));
        Assert.Equal([null, 503, 503, null], run.JsonLines.Select(static line =>
            line.GetProperty("status") is { ValueKind: System.Text.Json.JsonValueKind.Number } status ? status.GetInt32() : (int?)null));
    }

    /// <summary>With a client that may read everything of its namespace but one kind.</summary>
    private static async Task<LiveCanary> LimitedAsync(string resource)
    {
        var canary = await LiveCanary.StartAsync(static options => options.EnforceAccess = true);
        var role = System.Text.Json.Nodes.JsonNode.Parse((await canary.Cluster.GetAsync("Role", LiveCanary.Namespace, "mesh-client"))!)!;
        var rules = role["rules"]!.AsArray();
        rules.Remove(rules.Single(rule => (string?)rule!["resources"]![0] == resource));
        await canary.Cluster.PatchAsync("Role", LiveCanary.Namespace, "mesh-client", $$"""{ "rules": {{rules.ToJsonString()}} }""");
        return canary;
    }
}
