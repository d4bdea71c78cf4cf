using MeshSdk.Identity.Istiod;
using MeshSdk.Identity.Spiffe;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MeshSdk.Identity.Tests.DependencyInjection;

public sealed class WorkloadIdentityTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("unix:///run/spire/agent.sock", null, "SPIFFE Workload API at unix:///run/spire/agent.sock")]
    [InlineData(null, "istiod.istio-system.svc:15012", "istiod at istiod.istio-system.svc:15012")]
    [InlineData("unix:///run/spire/agent.sock", "istiod.istio-system.svc:15012", "SPIFFE Workload API at unix:///run/spire/agent.sock")]
    [InlineData(null, "http://istiod:15010", "istiod at http://istiod:15010")] // meant, and unusable: a source that fails, not none
    public void The_environment_tells_which_source_there_is(string? socket, string? authority, string? expected)
    {
        var services = new ServiceCollection();
        services.AddMesh(static mesh => mesh.UseWorkloadIdentity().UseWorkloadIdentity());
        using var provider = services.BuildServiceProvider();
        var context = new CertificateSourceContext(
            name => name switch { "SPIFFE_ENDPOINT_SOCKET" => socket, "CA_ADDR" => authority, _ => null }, TimeProvider.System, NullLoggerFactory.Instance);

        var detectors = provider.GetServices<ICertificateSourceDetector>().ToList();

        Assert.Equal(2, detectors.Count);
        Assert.Equal(expected, detectors.Select(detector => detector.Detect(context)).FirstOrDefault(static source => source is not null)?.Name);
    }

    [Fact]
    public void A_source_that_is_chosen_comes_before_what_is_found()
    {
        Assert.Equal("istiod at ca.test.svc:443", SourceOf(static mesh => mesh.UseWorkloadIdentity().UseIstiod(static options => options.Address = "ca.test.svc:443"))?.Name);
        Assert.Equal("SPIFFE Workload API at unix:///a", SourceOf(static mesh => mesh.UseSpiffe(static options => options.Endpoint = "unix:///a"))?.Name);
        Assert.Null(SourceOf(static mesh => mesh.UseWorkloadIdentity()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(59)]
    [InlineData(90 * 86400 + 1)]
    public void A_lifetime_that_istiod_would_refuse_fails_the_start(int seconds) => Assert.Throws<ArgumentException>(
        () => WorkloadIdentity.FromIstiod(new() { CertificateLifetime = TimeSpan.FromSeconds(seconds) }));

    [Fact]
    public void Without_dependency_injection_the_same_is_looked_for()
    {
        var options = new MeshIdentityOptions();

        options.AddWorkloadIdentity();

        Assert.Equal("SPIFFE Workload API at tcp://127.0.0.1:1", WorkloadIdentity.FromSpiffe(new() { Endpoint = "tcp://127.0.0.1:1" }).Name);
    }

    [Fact]
    public void What_options_leave_open_the_environment_says()
    {
        var context = new CertificateSourceContext(static name => name + ".value", TimeProvider.System, NullLoggerFactory.Instance);

        Assert.Equal("istiod at CA_ADDR.value", IstiodDetector.SourceOf(new(), context).Name);
        Assert.Equal("istiod at mine:1", IstiodDetector.SourceOf(new() { Address = "mine:1" }, context).Name);
        Assert.Equal("SPIFFE Workload API at SPIFFE_ENDPOINT_SOCKET.value", SpiffeDetector.SourceOf(new() { Endpoint = " " }, context).Name);
    }

    private static ICertificateSource? SourceOf(Action<MeshBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddMesh(configure);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<MeshOptions>>().Value.Identity.Source;
    }
}
