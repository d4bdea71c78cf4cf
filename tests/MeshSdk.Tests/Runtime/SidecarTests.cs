using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MeshSdk.Tests.Runtime;

/// <summary>A process that has a sidecar: what that does is not done twice.</summary>
public sealed class SidecarTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Fact]
    public async Task An_option_has_every_call_pass_through_and_nothing_is_read()
    {
        await using var mesh = new MeshUnderTest(new MeshOptions { DataPlane = MeshDataPlane.Sidecar });
        Assert.Equal(PlainHandler.Body, await mesh.GetAsync());
        await mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken).WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);

        Assert.Equal(0, mesh.Source.Started);
        Assert.Equal(MeshStatus.PassThrough, mesh.Mesh.Status);
        Assert.True(mesh.Mesh.Enabled);
        Assert.Equal("Every call passes through: a sidecar does the mesh's work (the option Mesh:DataPlane says so).", Assert.Single(mesh.Logged("SidecarPresent")));
    }

    [Fact]
    public async Task It_needs_no_source_of_configuration_then()
    {
        await using var mesh = await Mesh.StartAsync(new MeshOptions { DataPlane = MeshDataPlane.Sidecar }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(MeshStatus.PassThrough, mesh.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Calls_that_wait_for_the_start_pass_through_when_the_own_pod_shows_one(bool synchronously)
    {
        await using var mesh = new MeshUnderTest(Options());
        var call = synchronously ? Task.Run(() => SendAsync(mesh)) : mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        Assert.False(call.IsCompleted);

        mesh.Source.Sync(Backend + Pod("istio-proxy"));

        Assert.Equal(PlainHandler.Body, await call.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(PlainHandler.Body, await mesh.GetAsync());
        Assert.Equal(MeshStatus.PassThrough, mesh.Mesh.Status);
        await Eventually.HoldsAsync(() => mesh.Logged("Problem").Count == 1);
        Assert.Contains("SidecarPresent", mesh.Logged("Problem")[0], StringComparison.Ordinal);
        Assert.Contains(mesh.Mesh.Diagnostics, static diagnostic => diagnostic.Code == "SidecarPresent");
    }

    [Fact]
    public async Task A_pod_without_one_is_routed_for()
    {
        await using var mesh = new MeshUnderTest(Options());
        mesh.Source.Sync(Backend + Pod("app"));
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
        Assert.Equal(MeshStatus.Ready, mesh.Mesh.Status);
    }

    [Fact]
    public async Task An_option_against_it_counts()
    {
        var options = Options();
        options.DataPlane = MeshDataPlane.None;
        await using var mesh = new MeshUnderTest(options);
        mesh.Source.Sync(Backend + Pod("istio-proxy"));
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
    }

    [Fact]
    public async Task The_switch_comes_before_it_and_does_not_undo_it()
    {
        await using var mesh = new MeshUnderTest(Options());
        mesh.Source.Sync(Backend + Pod("linkerd-proxy"));
        await mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken).WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        mesh.Mesh.Enabled = false;
        Assert.Equal(MeshStatus.Disabled, mesh.Mesh.Status);
        mesh.Mesh.Enabled = true;
        Assert.Equal(MeshStatus.PassThrough, mesh.Mesh.Status);
        Assert.Equal(PlainHandler.Body, await mesh.GetAsync());
    }

    [Fact]
    public async Task Health_says_so()
    {
        await using var mesh = new MeshUnderTest(new MeshOptions { DataPlane = MeshDataPlane.Sidecar });
        var check = new MeshSdk.DependencyInjection.MeshHealthCheck(mesh.Mesh);
        var result = await check.CheckHealthAsync(
            new HealthCheckContext { Registration = new HealthCheckRegistration("mesh", check, HealthStatus.Unhealthy, null) }, TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.Contains("A sidecar does the mesh's work", result.Description, StringComparison.Ordinal);
        Assert.Equal("Sidecar", result.Data["dataPlane"]);
    }

    private static MeshOptions Options() => new() { Namespace = "default", PodName = "me" };

    private static string Pod(string container) => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: me
          namespace: default
        spec:
          containers:
          - name: {{container}}
        """;

    private static async Task<string> SendAsync(MeshUnderTest mesh)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        using var response = mesh.Client.Send(request);
        return await response.Content.ReadAsStringAsync();
    }
}
