namespace MeshSdk.Tool.Tests.Live;

/// <summary>Objects on an API server that nothing here acts on: told where they can be read, and not missed where they cannot.</summary>
public sealed class LiveForeignTests
{
    private const string Kind =
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: virtualservices.networking.istio.io }
        spec:
          group: networking.istio.io
          scope: Namespaced
          names: { kind: VirtualService, listKind: VirtualServiceList, plural: virtualservices, singular: virtualservice }
          versions:
          - name: v1
            served: true
            storage: true
            schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
        """;

    private const string Told = "VirtualService istio-test/split spec.hosts[0]:";

    [Fact]
    public async Task They_are_named_by_describe()
    {
        await using var canary = await CanaryAsync();

        var run = await canary.RunAsync("describe", "service", "backend-v1");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(Told, run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "virtualservices")]
    [InlineData(404, "virtualservices")]
    [InlineData(500, "virtualservices")]
    [InlineData(403, "apis/networking.istio.io")]
    public async Task Those_that_cannot_be_read_are_not_missed(int status, string path)
    {
        await using var canary = await CanaryAsync();
        using var fault = canary.Cluster.Faults.Answer(
            status, request => request.Path.EndsWith(path, StringComparison.Ordinal));

        var run = await canary.RunAsync("describe", "service", "backend-v1");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain("VirtualService", run.Out, StringComparison.Ordinal);
        Assert.Contains("DestinationRule: backend-v1-settings", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_knows_nothing_of_the_group_is_not_asked_for_each_kind()
    {
        var asked = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var canary = await LiveCanary.StartAsync(options => options.OnRequest = request => asked.Enqueue($"{request.Path} {request.Resource}"));
        using var fault = canary.Cluster.Faults.Answer(404, static request => request.Path.EndsWith("apis/networking.istio.io", StringComparison.Ordinal));
        asked.Clear();

        await canary.RunAsync("describe", "service", "backend-v1");

        Assert.DoesNotContain(asked, static request => request.Contains("virtualservices", StringComparison.Ordinal));
    }

    private static async Task<LiveCanary> CanaryAsync()
    {
        var canary = await LiveCanary.StartAsync();
        await canary.Cluster.ApplyAsync(Kind);
        await canary.Cluster.ApplyAsync(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: { name: split, namespace: istio-test }
            spec: { hosts: [backend-v1], http: [] }
            """);
        return canary;
    }
}
