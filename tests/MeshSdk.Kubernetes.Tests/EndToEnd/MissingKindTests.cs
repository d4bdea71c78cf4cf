using System.Globalization;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>Clusters without the kinds of the Gateway API or of Istio, or that get them, or lose them, while a process runs.</summary>
public sealed class MissingKindTests
{
    private const string Routes = "httproutes.gateway.networking.k8s.io";
    private const string Rules = "destinationrules.networking.istio.io";

    // Looked for every half minute, and up to a tenth of that later.
    private static readonly TimeSpan RetryBound = TimeSpan.FromSeconds(34);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData(Routes, "HTTPRoute")]
    [InlineData(Rules, "DestinationRule")]
    [InlineData("grpcroutes.gateway.networking.k8s.io", "GRPCRoute")]
    [InlineData("backendtlspolicies.gateway.networking.k8s.io", "BackendTLSPolicy")]
    [InlineData("xbackendtrafficpolicies.gateway.networking.x-k8s.io", "XBackendTrafficPolicy")]
    public async Task A_kind_that_is_not_installed_is_an_empty_set(string name, string kind)
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        cluster.Kinds.Undefine(name);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time);

        // Without routes the Service is what it selects, three pods of v1 and two of v2; with the route it would be five calls that v2 gets.
        var v2 = int.Parse((await process.TallyAsync(50)).Split("v2=")[1], CultureInfo.InvariantCulture);
        Assert.True(kind == "HTTPRoute" ? v2 > 6 : v2 == 5, $"v2 had {v2} calls");
        Assert.All(
            process.Mesh.Watches,
            watch => Assert.Equal(watch.Kind == kind ? MeshWatchState.NotInstalled : MeshWatchState.Live, watch.State));
        Assert.Equal("Healthy", (await process.HealthAsync()).Status.ToString());
    }

    [Fact]
    public async Task Kinds_that_are_installed_later_are_found()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        cluster.Kinds.Undefine(Routes);
        cluster.Kinds.Undefine(Rules);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time);
        await process.TallyAsync(20);
        await using var load = new SteadyLoad(process);

        await cluster.Api.ApplyAsync(Definition("gateway.networking.k8s.io", "HTTPRoute", "httproutes"), TestContext.Current.CancellationToken);
        await cluster.SplitAsync(0, 1);
        await Wait.UntilAsync(async () => await process.TallyAsync(5) == "v2=5", _time, RetryBound);
        await load.EndAsync();
    }

    [Fact]
    public async Task A_kind_that_is_taken_away_takes_its_objects_along_and_no_call_is_lost()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        cluster.Kinds.Undefine(Routes);
        await cluster.Api.ApplyAsync(Definition("gateway.networking.k8s.io", "HTTPRoute", "httproutes"), TestContext.Current.CancellationToken);
        await cluster.SplitAsync(0, 1);
        await using var process = await MeshProcess.StartReadyAsync(cluster, time: _time);
        await using var load = new SteadyLoad(process);
        Assert.Equal("v2=5", await process.TallyAsync(5));

        await cluster.Api.DeleteAsync("customresourcedefinitions", null, Routes, TestContext.Current.CancellationToken);
        await Wait.UntilAsync(async () => (await process.TallyAsync(5)).Contains("v1", StringComparison.Ordinal), _time, RetryBound);
        await load.EndAsync();
    }

    private static string Definition(string group, string kind, string plural) => $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: {{plural}}.{{group}} }
        spec:
          group: {{group}}
          scope: Namespaced
          names: { kind: {{kind}}, plural: {{plural}}, singular: {{kind.ToLowerInvariant()}} }
          versions:
          - name: v1
            served: true
            storage: true
            schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
        """;
}
