using MeshSdk.Tool.Tests.Curl;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tool.Tests.Live;

/// <summary>Every command works on servers that have much less than Kubernetes has, and at once: whatever they lack is not waited for.</summary>
public sealed class MinimalServerTests
{
    // A clock that stands still: a command that waited for anything but an answer would wait for ever.
    private static readonly ToolEnvironment Timeless = Surroundings.None with { Time = new FakeTimeProvider() };

    [Theory]
    [InlineData(WatchStyle.Silent, true)]
    [InlineData(WatchStyle.AnsweredAsLists, true)]
    [InlineData(WatchStyle.Refused, true)]
    [InlineData(WatchStyle.Silent, false)]
    public async Task Every_command_works(WatchStyle watches, bool hasCustomKinds)
    {
        await using var backend = await StubServer.SayAsync("hello\n");
        using var directory = new ManifestDirectory();
        await using var server = await MinimalApiServer.StartAsync(Lists(backend.Port, hasCustomKinds));
        server.Watches = watches;
        var kubeconfig = directory.Write("config", server.Kubeconfig("shop"));
        var explain = await RunAsync("explain", "-o", "json", "http://web/");
        Assert.Equal("forward", explain.Json.GetProperty("action").GetString());
        Assert.Equal(hasCustomKinds ? "web" : null, explain.Json.GetProperty("route") is { ValueKind: System.Text.Json.JsonValueKind.Object } route
            ? route.GetProperty("name").GetString()
            : null);

        Assert.Contains("Endpoints: 1 total, 1 ready", (await RunAsync("describe", "service", "web")).Out, StringComparison.Ordinal);
        Assert.Contains("web", (await RunAsync("get", "services")).Out, StringComparison.Ordinal);
        Assert.Contains("web", (await RunAsync("get", "endpoints")).Out, StringComparison.Ordinal);
        Assert.Equal("hello\n", (await RunAsync("curl", "http://web/")).Out);

        async Task<ToolRun> RunAsync(params string[] command)
        {
            var run = await ToolRun.In(Timeless, [.. command, "--kubeconfig", kubeconfig]).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(run.ExitCode == 0, run.Error);
            return run;
        }
    }

    private static Dictionary<string, string> Lists(int port, bool hasCustomKinds)
    {
        var lists = new Dictionary<string, string>
        {
            ["namespaces"] = "",
            ["namespaces/istio-system/configmaps"] = "",
            ["namespaces/shop/services"] =
                """{ "metadata": { "name": "web", "namespace": "shop" }, "spec": { "clusterIP": "10.0.0.1", "ports": [{ "name": "http", "port": 80 }] } }""",
            ["namespaces/shop/endpointslices"] =
                $$"""
                { "metadata": { "name": "web-1", "namespace": "shop", "labels": { "kubernetes.io/service-name": "web" } }, "addressType": "IPv4",
                  "ports": [{ "name": "http", "port": {{port}} }], "endpoints": [{ "addresses": ["127.0.0.1"] }] }
                """,
        };
        if (hasCustomKinds)
        {
            lists["namespaces/shop/httproutes"] =
                """
                { "metadata": { "name": "web", "namespace": "shop" }, "spec": {
                  "parentRefs": [{ "group": "", "kind": "Service", "name": "web" }], "rules": [{ "backendRefs": [{ "name": "web", "port": 80 }] }] } }
                """;
            lists["namespaces/shop/destinationrules"] = "";
            lists["namespaces/istio-system/destinationrules"] = "";
        }

        return lists;
    }
}
