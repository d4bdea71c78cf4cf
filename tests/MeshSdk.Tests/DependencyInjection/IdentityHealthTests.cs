using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Tests.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.DependencyInjection;

public sealed class IdentityHealthTests : IDisposable
{
    private const string Id = "spiffe://cluster.local/ns/shop/sa/cart";

    private readonly FakeTimeProvider _clock = new();
    private readonly MeshCertificateAuthority _authority;

    public IdentityHealthTests() => _authority = new MeshCertificateAuthority(time: _clock);

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Health_follows_the_identity_from_its_being_late_to_its_end()
    {
        var source = new InMemoryCertificateSource();
        await using var services = await ReadyAsync(source);
        var store = services.GetRequiredService<Mesh>().Runtime.Identity.Store;
        await Eventually.HoldsAsync(() => store.Failure is not null);
        var entry = await ExpectAsync(services, HealthStatus.Unhealthy, "No mesh identity has come from the application itself yet");
        Assert.Equal("the application itself", entry.Data["identity:source"]);
        Assert.Equal("the application has not given one yet", entry.Data["identity:failure"]);

        source.Update(_authority.Issue(Id).ToIdentity());
        await store.First;
        entry = await ExpectAsync(services, HealthStatus.Healthy, "in force");
        Assert.Equal(Id, entry.Data["identity"]);
        Assert.Equal("2000-01-02 00:00:00Z", entry.Data["identity:notAfter"]);
        Assert.False(entry.Data.ContainsKey("identity:failure"));

        store.Failed(new InvalidOperationException("the agent is away"));
        await ExpectAsync(services, HealthStatus.Degraded, "stays in force until it expires: the agent is away");

        _clock.Advance(TimeSpan.FromDays(1));
        await ExpectAsync(services, HealthStatus.Unhealthy, "The mesh identity has expired, and calls that need one are refused: the agent is away");
    }

    [Fact]
    public async Task A_process_without_a_source_is_not_the_worse_for_it()
    {
        await using var services = await ReadyAsync(null);
        var entry = await ExpectAsync(services, HealthStatus.Healthy, "in force");
        Assert.DoesNotContain(entry.Data.Keys, static key => key.StartsWith("identity", StringComparison.Ordinal));
    }

    private async Task<ServiceProvider> ReadyAsync(ICertificateSource? identity)
    {
        var source = new ScriptedSource();
        source.Sync(Manifests.Service("backend", Manifests.Pod(1)));
        var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddSingleton<MeshSdk.Sources.IResourceSource>(source)
            .AddMesh(mesh => mesh.Configure(options => (options.Identity.Source, options.Identity.Detect) = (identity, false)))
            .AddHealthChecks().AddMesh().Services
            .BuildServiceProvider();
        await services.GetRequiredService<Mesh>().WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return services;
    }

    private static async Task<HealthReportEntry> ExpectAsync(ServiceProvider services, HealthStatus health, string description)
    {
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var entry = report.Entries["mesh"];
        Assert.Equal(health, entry.Status);
        Assert.Contains(description, entry.Description, StringComparison.Ordinal);
        return entry;
    }
}
