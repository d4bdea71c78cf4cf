namespace MeshSdk.Tool.Tests.Live;

/// <summary>What the commands that read once say of a live cluster.</summary>
public sealed class LiveCommandTests
{
    [Fact]
    public async Task Explain_says_the_split_and_every_endpoint()
    {
        await using var canary = await LiveCanary.StartAsync();

        var run = await canary.RunAsync("explain", "-o", "json", "http://backend/");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("forward", run.Json.GetProperty("action").GetString());
        Assert.Equal("backend-split", run.Json.GetProperty("route").GetProperty("name").GetString());
        Assert.Equal(
            [("backend-v1", 0.9, 3, "ISTIO_MUTUAL"), ("backend-v2", 0.1, 2, "ISTIO_MUTUAL")],
            run.Json.GetProperty("backends").EnumerateArray().Select(static b => (
                b.GetProperty("service").GetString()!,
                b.GetProperty("share").GetDouble(),
                b.GetProperty("endpoints").GetArrayLength(),
                b.GetProperty("policy").GetProperty("tls").GetString()!)));
    }

    [Fact]
    public async Task A_command_asks_for_lists_and_leaves_pods_alone()
    {
        var asked = new System.Collections.Concurrent.ConcurrentQueue<Testing.EmbeddedRequest>();
        await using var canary = await LiveCanary.StartAsync(options => options.OnRequest = asked.Enqueue);
        asked.Clear();

        await canary.RunAsync("explain", "http://backend/");

        Assert.Equal(
            [
                "backendtlspolicies", "configmaps", "destinationrules", "destinationrules", "endpointslices", "grpcroutes", "httproutes", "namespaces",
                "peerauthentications", "peerauthentications", "services", "xbackendtrafficpolicies",
            ],
            asked.Where(static request => request.Verb == "list").Select(static request => request.Resource).Order());
        Assert.DoesNotContain(asked, static request => request.Query.Contains("sendInitialEvents", StringComparison.Ordinal) || request.Resource == "pods");
    }

    [Fact]
    public async Task A_batch_answers_each_line()
    {
        await using var canary = await LiveCanary.StartAsync();
        var batch = Path.Combine(canary.Directory, "batch");
        await File.WriteAllTextAsync(
            batch,
            """
            {"url":"http://backend/"}
            {"url":"http://backend.istio-test/","namespace":"default"}
            {"url":"http://backend/","namespace":"default"}
            {"url":"http://example.com/"}
            """);

        var run = await canary.RunAsync("explain", "--batch", batch);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            ["forward", "forward", "passthrough", "passthrough"], run.JsonLines.Select(static line => line.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task Describe_says_what_holds_and_knows_everything()
    {
        await using var canary = await LiveCanary.StartAsync();

        var run = await canary.RunAsync("describe", "service", "backend-v1");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith(
            """
            Service: backend-v1
               Port: http 80/HTTP targets pod port 5678
            DestinationRule: backend-v1-settings for "backend-v1.istio-test.svc.cluster.local"
               Traffic Policy TLS Mode: ISTIO_MUTUAL
               Policies: load balancer
            Effective policy:
               Load balancer: ROUND_ROBIN

            """,
            run.Out,
            StringComparison.Ordinal);
        Assert.Contains("\nNo HTTPRoute: calls go to its own endpoints\nEndpoints: 3 total, 3 ready\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("Reached by HTTPRoute: backend-split, rule 0, for calls to \"backend\" port 80 with weight 90%", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Unknown", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("routes", "NAME            HOSTNAMES   AGE", 1)]
    [InlineData("services", "SERVICE      TYPE        CLUSTER-IP", 3)]
    [InlineData("endpoints", "SERVICE      PORT   ADDRESS", 10)]
    [InlineData("policies", "NAME                  HOST", 2)]
    public async Task Get_lists(string what, string heading, int rows)
    {
        await using var canary = await LiveCanary.StartAsync();

        var own = await canary.RunAsync("get", what);
        Assert.StartsWith(heading, own.Out, StringComparison.Ordinal);
        Assert.Equal((0, "", rows + 1), (own.ExitCode, own.Error, Lines(own)));

        var other = await canary.RunAsync("get", what, "-n", "default");
        Assert.Equal((0, "", "mesh: No resources found in default namespace."), (other.ExitCode, other.Out, other.Error.TrimEnd()));

        var all = await canary.RunAsync("get", what, "-A", "-n", "default");
        Assert.StartsWith("NAMESPACE", all.Out, StringComparison.Ordinal);
        Assert.Equal((0, rows + 1), (all.ExitCode, Lines(all)));
    }

    [Fact]
    public async Task Kinds_that_are_not_installed_are_empty_sets()
    {
        await using var canary = await LiveCanary.StartAsync();

        // Neither the kinds nor a discovery that would list them: that there is an API server is shown by the lists of what it has.
        using var gone = canary.Cluster.Faults.Answer(
            404,
            static request => request.Path.Contains("istio.io", StringComparison.Ordinal)
                || request.Path.Contains("gateway", StringComparison.Ordinal)
                || request.Path.Trim('/') == "apis");

        var run = await canary.RunAsync("explain", "-o", "json", "http://backend/");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("[]", run.Json.GetProperty("diagnostics").GetRawText());
        var backend = Assert.Single(run.Json.GetProperty("backends").EnumerateArray());
        Assert.Equal(("backend", 1.0, 5), (
            backend.GetProperty("service").GetString(), backend.GetProperty("share").GetDouble(), backend.GetProperty("endpoints").GetArrayLength()));
    }

    private static int Lines(ToolRun run) => run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
}
