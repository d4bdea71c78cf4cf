using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Tests.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.DependencyInjection;

/// <summary>When a server of the mesh is ready to be called.</summary>
public sealed class InboundHealthTests : IDisposable
{
    private const string Strict = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: w, namespace: default }
        spec: { selector: { matchLabels: { app: a } }, mtls: { mode: PERMISSIVE }, portLevelMtls: { "8080": { mode: STRICT } } }
        """;

    private const string Permissive = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: w, namespace: default }
        spec: { selector: { matchLabels: { app: a } }, mtls: { mode: PERMISSIVE } }
        """;

    private readonly FakeTimeProvider _clock = new();
    private readonly MeshCertificateAuthority _authority;
    private readonly ScriptedSource _source = new();

    public InboundHealthTests() => _authority = new MeshCertificateAuthority(time: _clock);

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Who_does_not_know_what_to_ask_for_is_not_ready_and_the_kill_switch_changes_nothing_about_it()
    {
        await using var services = Services(static options => options.Enabled = false);
        await ExpectAsync(services, HealthStatus.Unhealthy, "Callers are answered 503, since it is not known what is asked of them: the mesh has not received its configuration yet");
        await StartAsync(services);
        await ExpectAsync(services, HealthStatus.Healthy, "switched off");

        _source.Send(new ResourceEvent { Unknown = [new UnknownScope("AuthorizationPolicy", "istio-system", null, "grant it")] });
        var mesh = services.GetRequiredService<Mesh>();
        await Eventually.HoldsAsync(() => mesh.Runtime.Inbound.Unknown is not null);
        var entry = await ExpectAsync(services, HealthStatus.Unhealthy, "which AuthorizationPolicys there are for namespace default: grant it");
        Assert.EndsWith("grant it", (string)entry.Data["server:unknown"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_tells_modes_and_the_number_of_policies()
    {
        await using var services = Services(identity: Identity());
        services.GetRequiredService<Mesh>().Runtime.OwnMode = PeerMode.Permissive;
        await StartAsync(services);
        var entry = await ExpectAsync(services, HealthStatus.Healthy, "in force");
        Assert.Equal("PERMISSIVE, by its own choice", entry.Data["server:mode"]);
        Assert.Equal(0, entry.Data["server:policies"]);

        await ChangeAsync(services, Strict);
        entry = await ExpectAsync(services, HealthStatus.Healthy, "in force");
        Assert.Equal("PeerAuthentication default/w says PERMISSIVE", entry.Data["server:mode"]);
        Assert.Equal("PeerAuthentication default/w says STRICT", entry.Data["server:mode:8080"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_refuses_plaintext_and_has_nothing_to_show_is_not_ready(bool byPolicy)
    {
        await using var services = Services();
        services.GetRequiredService<Mesh>().Runtime.OwnMode = byPolicy ? PeerMode.Permissive : PeerMode.Strict;
        if (byPolicy)
        {
            services.GetRequiredService<Mesh>().Runtime.FollowPorts(static () => [80, 8080]);
        }

        await StartAsync(services, byPolicy ? Strict : "");
        await ExpectAsync(services, HealthStatus.Unhealthy, "Callers are refused: the mode is STRICT, and this process has no identity to show: ");
    }

    [Theory]
    [InlineData(nameof(PeerMode.Permissive), "", Strict, "Degraded")]
    [InlineData(nameof(PeerMode.Permissive), "80", Strict, "Degraded")]
    [InlineData(nameof(PeerMode.Permissive), "80 8080", Strict, "Unhealthy")]
    [InlineData(nameof(PeerMode.Strict), "", "", "Unhealthy")]
    [InlineData(nameof(PeerMode.Strict), "80", "", "Unhealthy")]
    [InlineData(nameof(PeerMode.Strict), "80", Strict, "Degraded")]
    [InlineData(nameof(PeerMode.Strict), "8081", Permissive, "Healthy")]
    public async Task What_is_refused_where_nobody_listens_keeps_nobody_from_being_served(string own, string listened, string policies, string expected)
    {
        await using var services = Services();
        var runtime = services.GetRequiredService<Mesh>().Runtime;
        runtime.OwnMode = Enum.Parse<PeerMode>(own);
        int[] ports = [.. listened.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static port => int.Parse(port, System.Globalization.CultureInfo.InvariantCulture))];
        runtime.FollowPorts(() => ports);
        await StartAsync(services, policies);
        await ExpectAsync(
            services,
            Enum.Parse<HealthStatus>(expected),
            expected switch { "Healthy" => "in force", "Unhealthy" => "Callers are refused: the mode is STRICT", _ => "Callers of port 8080, which this process is not known to listen at, would be refused: " });
    }

    [Fact]
    public async Task Who_refuses_plaintext_is_ready_as_long_as_the_identity_lasts()
    {
        var source = new InMemoryCertificateSource();
        await using var services = Services(static options => options.Enabled = false, source);
        services.GetRequiredService<Mesh>().Runtime.FollowPorts(static () => [8080]);
        await StartAsync(services, Strict);
        await ExpectAsync(services, HealthStatus.Unhealthy, "has no identity to show at present from the application itself");
        source.Update(_authority.Issue("spiffe://cluster.local/ns/default/sa/a").ToIdentity());
        await services.GetRequiredService<Mesh>().Runtime.Identity.Store.First;
        await ExpectAsync(services, HealthStatus.Healthy, "switched off");
        _clock.Advance(TimeSpan.FromDays(2));
        await ExpectAsync(services, HealthStatus.Unhealthy, "has no identity to show at present from the application itself");
    }

    [Fact]
    public async Task Who_has_another_data_plane_before_it_is_as_ready_as_that_is()
    {
        await using var services = Services(static options => options.DataPlane = MeshDataPlane.Sidecar);
        await StartAsync(services, sync: false);
        var entry = await ExpectAsync(services, HealthStatus.Healthy, "A sidecar does the mesh's work");
        Assert.Equal("the option Mesh:DataPlane says so", entry.Data["server:standsAside"]);
    }

    [Fact]
    public async Task Tokens_that_are_not_checked_are_told_and_trouble_no_health()
    {
        await using var services = Services(identity: Identity());
        await StartAsync(services, """
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: { name: jwt, namespace: default }
            spec: { jwtRules: [{ issuer: me }] }
            """);
        await ExpectAsync(services, HealthStatus.Healthy, "in force");
        Assert.Contains(services.GetRequiredService<Mesh>().Diagnostics, static problem => problem.Subject == "RequestAuthentication default/jwt");
    }

    private InMemoryCertificateSource Identity()
    {
        var source = new InMemoryCertificateSource();
        source.Update(_authority.Issue("spiffe://cluster.local/ns/default/sa/a").ToIdentity());
        return source;
    }

    private ServiceProvider Services(Action<MeshOptions>? configure = null, ICertificateSource? identity = null) => new ServiceCollection()
        .AddSingleton<TimeProvider>(_clock)
        .AddSingleton<IResourceSource>(_source)
        .AddMesh(mesh => mesh.Configure(options =>
        {
            options.ServesInbound = true;
            options.Labels["app"] = "a";
            (options.Identity.Source, options.Identity.Detect) = (identity, false);
            configure?.Invoke(options);
        }))
        .AddHealthChecks().AddMesh().Services
        .BuildServiceProvider();

    /// <summary>As a host does it.</summary>
    private async Task StartAsync(ServiceProvider services, string manifests = "", bool sync = true)
    {
        if (sync)
        {
            _source.Sync(manifests);
        }

        foreach (var service in services.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(TestContext.Current.CancellationToken).WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        }

        // Who has one is to have it before anybody looks.
        var identity = services.GetRequiredService<Mesh>().Runtime.Identity;
        if (identity.Finding.Source is InMemoryCertificateSource && !services.GetRequiredService<Mesh>().Runtime.HasSidecar)
        {
            await Eventually.HoldsAsync(() => identity.Store.Current is not null || identity.Store.Failure is not null);
        }
    }

    private async Task ChangeAsync(ServiceProvider services, string manifests)
    {
        var inForce = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _source.Send(ScriptedSource.Event(manifests) with { InForce = inForce });
        await inForce.Task.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
    }

    private static async Task<HealthReportEntry> ExpectAsync(ServiceProvider services, HealthStatus health, string description)
    {
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var entry = report.Entries["mesh"];
        Assert.True(entry.Status == health, $"{entry.Status}: {entry.Description}");
        Assert.Contains(description, entry.Description, StringComparison.Ordinal);
        return entry;
    }
}
