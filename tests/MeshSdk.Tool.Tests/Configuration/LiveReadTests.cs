using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Tool.Configuration.Live;
using MeshSdk.Tool.Tests.Curl;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tool.Tests.Configuration;

/// <summary>Commands on a live cluster, whose place a source of the test's own takes.</summary>
public sealed class LiveReadTests : IDisposable
{
    private readonly ManifestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_namespaces_of_the_caller_and_of_the_host_are_read()
    {
        var cluster = new FakeCluster(File.ReadAllText(ManifestDirectory.Canary));

        var run = await ToolRun.In(_directory.WithCluster(cluster.Open, ns: "shop"), "explain", "-o", "json", "http://backend.istio-test/");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("forward", run.Json.GetProperty("action").GetString());
        var options = Assert.Single(cluster.Opened);
        Assert.Equal(MeshKubernetesScope.Namespaces, options.Scope);
        Assert.Equal(["istio-test", "shop"], options.Namespaces.Order());
        Assert.Equal("shop", cluster.Caller?.Namespace);
    }

    [Fact]
    public async Task The_option_for_the_namespace_comes_before_that_of_the_context()
    {
        var cluster = new FakeCluster(File.ReadAllText(ManifestDirectory.Canary));

        var run = await ToolRun.In(_directory.WithCluster(cluster.Open, ns: "shop"), "explain", "-n", "istio-test", "-o", "json", "http://backend/");

        Assert.Equal("forward", run.Json.GetProperty("action").GetString());
        Assert.Equal("istio-test", cluster.Caller?.Namespace);
    }

    [Fact]
    public async Task Namespaces_that_routes_lead_to_are_read_too()
    {
        var cluster = new FakeCluster(
            """
            { apiVersion: v1, kind: Service, metadata: { name: web, namespace: shop }, spec: { ports: [{ port: 80 }] } }
            ---
            { apiVersion: v1, kind: Service, metadata: { name: api, namespace: far }, spec: { ports: [{ port: 80 }] } }
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: web, namespace: shop }
            spec:
              parentRefs: [{ group: "", kind: Service, name: web }]
              rules: [{ backendRefs: [{ name: api, namespace: far, port: 80 }] }]
            """);

        var run = await ToolRun.In(_directory.WithCluster(cluster.Open, ns: "shop"), "explain", "-o", "json", "http://web/");

        // 503 and not 500: the service is there, it only lacks endpoints.
        Assert.Equal(503, run.Json.GetProperty("backends")[0].GetProperty("status").GetInt32());
        Assert.Equal([["shop"], ["far", "shop"]], cluster.Opened.Select(static options => options.Namespaces.Order().ToArray()));
    }

    [Fact]
    public async Task A_batch_reads_further_namespaces_as_its_lines_mean_them()
    {
        var cluster = new FakeCluster(File.ReadAllText(ManifestDirectory.Canary));
        var batch = _directory.Write("batch",
            """
            {"url":"http://backend/"}
            {"url":"http://backend/","namespace":"istio-test"}
            {"url":"http://backend.istio-test/"}
            """);

        var run = await ToolRun.In(_directory.WithCluster(cluster.Open, ns: "shop"), "explain", "--batch", batch);

        Assert.Equal(["passthrough", "forward", "forward"], run.JsonLines.Select(static line => line.GetProperty("action").GetString()));
        Assert.Equal(2, cluster.Opened.Count);
    }

    [Fact]
    public async Task All_namespaces_are_one_scope()
    {
        var cluster = new FakeCluster(File.ReadAllText(ManifestDirectory.Canary));

        var run = await ToolRun.In(_directory.WithCluster(cluster.Open, ns: "shop"), "get", "services", "-A");

        Assert.Equal(4, run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(MeshKubernetesScope.Cluster, Assert.Single(cluster.Opened).Scope);
    }

    [Fact]
    public async Task A_host_that_cannot_be_told_from_none_is_not_said_to_pass_through()
    {
        var cluster = new FakeCluster("") { Unknown = [new UnknownScope("Service", null, null, "may not list services in namespace shop")] };
        var surroundings = _directory.WithCluster(cluster.Open, ns: "shop");

        var own = (await ToolRun.In(surroundings, "explain", "-o", "json", "http://web/")).Json;
        Assert.Equal(("fail", 503), (own.GetProperty("action").GetString(), own.GetProperty("status").GetInt32()));
        var diagnostic = Assert.Single(own.GetProperty("diagnostics").EnumerateArray());
        Assert.Contains("may not list services", diagnostic.GetProperty("message").GetString(), StringComparison.Ordinal);

        // The own namespace is always the mesh's, as the library has it.
        var complete = (await ToolRun.In(surroundings, "explain", "-o", "json", "http://web.shop/")).Json;
        Assert.Equal(("fail", 503), (complete.GetProperty("action").GetString(), complete.GetProperty("status").GetInt32()));

        // Another name of two labels may be one of the Internet.
        var other = (await ToolRun.In(surroundings, "explain", "-o", "json", "http://web.org/")).Json;
        Assert.Equal("passthrough", other.GetProperty("action").GetString());
        Assert.Single(other.GetProperty("diagnostics").EnumerateArray());
    }

    [Theory]
    [InlineData("explain")]
    [InlineData("curl")]
    public async Task A_server_that_gives_no_sign_of_life_ends_the_command_with_what_was_tried(string command)
    {
        var (run, took) = await RunToItsEndAsync(command, new WatchHealth("HTTPRoute", "istio-test", WatchState.Pending, Age: null, "could not be read since 12:00:00 UTC."));

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        var line = Assert.Single(run.ErrorLines);
        Assert.Contains("within 5 s; tried kubeconfig ", line, StringComparison.Ordinal);
        Assert.EndsWith("context kind; HTTPRoute in istio-test was not read: could not be read since 12:00:00 UTC.", line, StringComparison.Ordinal);
        Assert.True(took >= LivePatience.FirstAnswer);
    }

    [Theory]
    [InlineData("explain")]
    [InlineData("curl")]
    public async Task Where_every_attempt_fails_two_of_them_are_enough(string command)
    {
        var (run, took) = await RunToItsEndAsync(
            command, new WatchHealth("HTTPRoute", "istio-test", WatchState.Pending, Age: null, "connection refused") { HasFailed = true });

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        var line = Assert.Single(run.ErrorLines);
        Assert.Contains("within 2 s; tried kubeconfig ", line, StringComparison.Ordinal);
        Assert.EndsWith("HTTPRoute in istio-test was not read: connection refused", line, StringComparison.Ordinal);
        Assert.True(took >= LivePatience.Failing);
    }

    [Theory]
    [InlineData("explain")]
    [InlineData("curl")]
    public async Task A_server_that_is_slow_is_given_more_time(string command)
    {
        var (run, took) = await RunToItsEndAsync(command, new WatchHealth("Service", "istio-test", WatchState.Pending, TimeSpan.Zero, ""));

        Assert.Contains("within 60 s", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.True(took >= LivePatience.Sync);
    }

    [Theory]
    [InlineData("explain")]
    [InlineData("curl")]
    public async Task A_source_that_can_never_deliver_is_an_error_of_one_line(string command)
    {
        var source = new FakeSource { Fault = new InvalidOperationException("the plugin 'login' is not there\nat all") };

        var run = await ToolRun.In(_directory.WithCluster(source), command, "http://web/");

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains("the plugin 'login' is not there at all", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curl_calls_what_the_cluster_says()
    {
        await using var server = await StubServer.SayAsync("hello\n");
        var cluster = new FakeCluster(
            $$"""
            { apiVersion: v1, kind: Service, metadata: { name: web, namespace: far }, spec: { ports: [{ name: http, port: 80 }] } }
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: web-1, namespace: far, labels: { kubernetes.io/service-name: web } }
            addressType: IPv4
            ports: [{ name: http, port: {{server.Port}} }]
            endpoints: [{ addresses: [127.0.0.1] }]
            """);

        var run = await ToolRun.In(_directory.WithCluster(cluster.Open, ns: "shop"), "curl", "http://web.far/");

        Assert.Equal((0, "hello\n", ""), (run.ExitCode, run.Out, run.Error));
        Assert.Equal(["far", "shop"], cluster.Opened[^1].Namespaces.Order());
    }

    /// <summary>Lets time go by until a command on a source that never delivers has come to its end.</summary>
    private async Task<(ToolRun Run, TimeSpan Took)> RunToItsEndAsync(string command, WatchHealth health)
    {
        var time = new FakeTimeProvider();
        var source = new FakeSource { Health = [health] };
        var start = time.GetUtcNow();
        var run = ToolRun.In(_directory.WithCluster(source) with { Time = time }, command, "http://web/");
        await source.Started.Task;
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        Assert.True(source.IsDisposed);
        return (await run, time.GetUtcNow() - start);
    }
}
