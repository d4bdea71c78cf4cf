using MeshSdk.Resilience.Outliers;
using MeshSdk.Sources;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Tests.Runtime;
using MeshSdk.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MeshSdk.Tests.DependencyInjection;

public sealed class MeshHealthCheckTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Fact]
    public async Task A_mesh_without_configuration_is_unhealthy_and_with_one_healthy()
    {
        var source = new ScriptedSource();
        await using var services = Services(source);
        await ExpectAsync(services, HealthStatus.Unhealthy, "NotStarted", "has not received its configuration yet");

        var mesh = services.GetRequiredService<Mesh>();
        var start = mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await ExpectAsync(services, HealthStatus.Unhealthy, "Starting", "has not received its configuration yet");

        source.Sync(Backend);
        await start;
        var entry = await ExpectAsync(services, HealthStatus.Healthy, "Ready", "in force");
        Assert.Equal(1, entry.Data["services"]);
        Assert.Equal(1L, entry.Data["revision"]);
        Assert.Equal(0, entry.Data["ejected"]);
        Assert.Contains("ready", entry.Tags);
    }

    [Fact]
    public async Task Ejected_endpoints_are_counted_and_named_and_trouble_no_health()
    {
        var source = new ScriptedSource();
        await using var services = Services(source);
        source.Sync(Backend);
        var mesh = services.GetRequiredService<Mesh>();
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        var endpoint = new EndpointState(Snapshots.Cluster("backend"), Snapshots.Endpoint("10.0.0.1"), new TransportSettings());
        mesh.Runtime.Ejections.Add(new Ejection(endpoint, EjectionReason.Consecutive5xx, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(30)));
        var entry = await ExpectAsync(services, HealthStatus.Healthy, "Ready", "in force");
        Assert.Equal(1, entry.Data["ejected"]);
        Assert.Equal("10.0.0.1:80 of test/backend:80: consecutive_5xx", entry.Data["ejected:first"]);
    }

    [Fact]
    public async Task A_mesh_in_which_a_last_good_version_stands_in_is_degraded()
    {
        var source = new ScriptedSource();
        await using var services = Services(source);
        var problem = new MeshDiagnostic(DiagnosticSeverity.Error, "InvalidManifest", "a.yaml", "", "it is broken");
        source.Send(ScriptedSource.Event(Backend) with { Synced = true, Problems = [problem] });
        var mesh = services.GetRequiredService<Mesh>();
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await ExpectAsync(services, HealthStatus.Degraded, "Ready", "a.yaml: it is broken");

        source.Send(new ResourceEvent { Problems = [problem with { Severity = DiagnosticSeverity.Warning }] });
        await Eventually.HoldsAsync(() => mesh.Runtime.Snapshot.Revision == 2);
        await ExpectAsync(services, HealthStatus.Healthy, "Ready", "in force");
    }

    [Fact]
    public async Task A_service_that_answers_for_its_own_broken_rule_is_not_the_meshs_health()
    {
        var source = new ScriptedSource();
        await using var services = Services(source);
        source.Sync(Backend + Manifests.Route("backend", ("missing", 1)));
        await services.GetRequiredService<Mesh>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await ExpectAsync(services, HealthStatus.Healthy, "Ready", "in force");
    }

    [Fact]
    public async Task Routes_that_are_not_accepted_are_counted_and_named_and_trouble_no_health()
    {
        var source = new ScriptedSource();
        await using var services = Services(source);
        source.Sync(Backend + Manifests.Route("backend", ("backend", 1)) + Manifests.Route("gone", ("backend", 1)));
        var mesh = services.GetRequiredService<Mesh>();
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        var entry = await ExpectAsync(services, HealthStatus.Healthy, "Ready", "in force");
        Assert.Equal(2, entry.Data["routes"]);
        Assert.Equal(1, entry.Data["routes:notAccepted"]);
        Assert.EndsWith("gone: NoMatchingParent", (string)entry.Data["routes:notAccepted:first"], StringComparison.Ordinal);
        Assert.Equal(["True", "False"], mesh.Routes.Select(static route => route.Conditions[0].Status));
    }

    [Fact]
    public async Task A_mesh_that_waits_for_the_API_server_says_for_what()
    {
        var source = new ScriptedSource
        {
            Health =
            [
                new("HTTPRoute", "shop", WatchState.Forbidden, null, "grant list and watch on httproutes"),
                new("Service", "shop", WatchState.Live, TimeSpan.FromSeconds(2.25), ""),
                .. Enumerable.Range(1, 6).Select(static i => new WatchHealth("DestinationRule", $"ns{i}", WatchState.Pending, null, "no answer yet")),
            ],
        };
        await using var services = Services(source);
        var entry = await ExpectAsync(
            services, HealthStatus.Unhealthy, "NotStarted",
            "yet: HTTPRoute in shop: Forbidden (grant list and watch on httproutes); DestinationRule in ns1: Pending (no answer yet); ");
        Assert.EndsWith("; and 2 more", entry.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("Service in shop", entry.Description, StringComparison.Ordinal);
        Assert.Equal("Forbidden", entry.Data["watch:HTTPRoute:shop"]);
        Assert.Equal("Live, 2.3 s", entry.Data["watch:Service:shop"]);
    }

    [Theory]
    [InlineData("DestinationRule", "Stale", HealthStatus.Degraded)]
    [InlineData("DestinationRule", "Forbidden", HealthStatus.Degraded)]
    [InlineData("DestinationRule", "Pending", HealthStatus.Healthy)]
    [InlineData("DestinationRule", "NotInstalled", HealthStatus.Healthy)]
    [InlineData("DestinationRule", "Live", HealthStatus.Healthy)]
    [InlineData("Pod", "Forbidden", HealthStatus.Healthy)]
    [InlineData("Pod", "Stale", HealthStatus.Degraded)]
    public async Task A_mesh_that_does_not_follow_what_it_knows_is_degraded(string kind, string state, HealthStatus expected)
    {
        var source = new ScriptedSource { Health = [new(kind, "shop", Enum.Parse<WatchState>(state), TimeSpan.FromMinutes(2), "the server is away")] };
        await using var services = Services(source);
        source.Sync(Backend);
        var mesh = services.GetRequiredService<Mesh>();
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        var entry = await ExpectAsync(
            services, expected, "Ready", expected == HealthStatus.Healthy ? "in force" : $"{kind} in shop: {state} (the server is away)");
        Assert.Equal($"{state}, 120.0 s", entry.Data[$"watch:{kind}:shop"]);
        Assert.Equal(
            new MeshWatch
            {
                Kind = kind, Scope = "shop", State = Enum.Parse<MeshWatchState>(state), Age = TimeSpan.FromMinutes(2), Detail = "the server is away",
            },
            Assert.Single(mesh.Watches));
    }

    [Theory]
    [InlineData("HTTPRoute", HealthStatus.Unhealthy)]
    [InlineData("DestinationRule", HealthStatus.Unhealthy)]
    [InlineData("Service", HealthStatus.Degraded)]
    [InlineData("EndpointSlice", HealthStatus.Degraded)]
    [InlineData("Pod", HealthStatus.Healthy)]
    public async Task Routes_and_policies_that_could_never_be_read_fail_every_call_and_the_check(string kind, HealthStatus expected)
    {
        var source = new ScriptedSource { Health = [new(kind, "shop", WatchState.Forbidden, null, "grant the rule")] };
        await using var services = Services(source);
        source.Sync(Backend);
        await services.GetRequiredService<Mesh>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        await ExpectAsync(services, expected, "Ready", expected == HealthStatus.Healthy ? "in force" : $"{kind} in shop: Forbidden (grant the rule)");
    }

    [Fact]
    public async Task A_start_that_failed_is_unhealthy_and_says_why()
    {
        var source = new ScriptedSource();
        await using var services = Services(source);
        source.End(new InvalidOperationException("no such cluster"));
        await Assert.ThrowsAsync<HttpRequestException>(() => services.GetRequiredService<Mesh>().WaitUntilReadyAsync());
        var entry = await ExpectAsync(services, HealthStatus.Unhealthy, "Failed", "no such cluster");
        Assert.Equal("no such cluster", entry.Exception!.Message);
    }

    [Fact]
    public async Task A_mesh_that_has_lost_its_source_is_degraded_and_says_so()
    {
        var source = new ScriptedSource();
        await using var services = Services(source);
        source.Sync(Backend);
        var mesh = services.GetRequiredService<Mesh>();
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        source.End(new InvalidOperationException("connection lost for good"));
        await Eventually.HoldsAsync(() => mesh.Runtime.SourceLost);
        var entry = await ExpectAsync(services, HealthStatus.Degraded, "Ready", "source is lost");
        Assert.Equal("connection lost for good", entry.Exception!.Message);
        Assert.Equal("connection lost for good", entry.Data["failure"]);
    }

    [Fact]
    public async Task A_mesh_that_cannot_put_a_change_in_force_is_degraded_until_it_can()
    {
        var source = new ScriptedSource();
        await using var services = Services(source);
        source.Sync(Backend);
        var mesh = services.GetRequiredService<Mesh>();
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        mesh.Runtime.Failed(new InvalidOperationException("marked"));
        await ExpectAsync(services, HealthStatus.Degraded, "Ready", "is tried again; what was in force stays so: marked");

        source.Send(Backend);
        await Eventually.HoldsAsync(() => mesh.Runtime.Snapshot.Revision == 2);
        await ExpectAsync(services, HealthStatus.Healthy, "Ready", "in force");
    }

    [Fact]
    public async Task A_mesh_that_is_switched_off_is_healthy_and_says_so()
    {
        await using var services = Services(new ScriptedSource(), mesh => mesh.Configure(static options => options.Enabled = false));
        await ExpectAsync(services, HealthStatus.Healthy, "Disabled", "switched off");
    }

    [Fact]
    public async Task The_failure_status_is_the_applications_choice()
    {
        await using var services = new ServiceCollection()
            .AddSingleton<IResourceSource>(new ScriptedSource())
            .AddMesh()
            .AddHealthChecks().AddMesh("routes", HealthStatus.Degraded).Services
            .BuildServiceProvider();
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Degraded, report.Entries["routes"].Status);
    }

    private static ServiceProvider Services(ScriptedSource source, Action<MeshBuilder>? configure = null) => new ServiceCollection()
        .AddSingleton<IResourceSource>(source)
        .AddMesh(configure ?? (static _ => { }))
        .AddHealthChecks().AddMesh(tags: ["ready"]).Services
        .BuildServiceProvider();

    private static async Task<HealthReportEntry> ExpectAsync(ServiceProvider services, HealthStatus health, string status, string description)
    {
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var entry = report.Entries["mesh"];
        Assert.Equal(health, entry.Status);
        Assert.Equal(status, entry.Data["status"]);
        Assert.Contains(description, entry.Description, StringComparison.Ordinal);
        return entry;
    }
}
