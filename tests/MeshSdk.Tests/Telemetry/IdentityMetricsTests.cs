using System.Diagnostics.Metrics;
using MeshSdk.Security;
using MeshSdk.Telemetry;
using MeshSdk.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Telemetry;

public sealed class IdentityMetricsTests
{
    [Fact]
    public void Rotations_and_failures_are_counted_and_the_first_identity_is_no_rotation()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var rotations = new MetricCollector<long>(meters, MeshTelemetry.SourceName, "mesh.identity.rotations");
        using var failures = new MetricCollector<long>(meters, MeshTelemetry.SourceName, "mesh.identity.failures");
        var clock = new FakeTimeProvider();
        using var authority = new MeshCertificateAuthority(time: clock);
        using var metrics = new IdentityMetrics(meters);
        using var store = new IdentityStore(hasSource: true, clock, metrics: metrics);
        store.Publish(authority.Issue("spiffe://td/a").ToIdentity());
        Assert.Empty(rotations.GetMeasurementSnapshot());
        store.Failed(new InvalidOperationException("x"));
        store.Failed(new InvalidOperationException("x"));
        store.Publish(authority.Issue("spiffe://td/a").ToIdentity());
        Assert.Equal(1, rotations.GetMeasurementSnapshot().EvaluateAsCounter());
        Assert.Equal(2, failures.GetMeasurementSnapshot().EvaluateAsCounter());
    }

    [Fact]
    public void The_gauge_shows_what_is_left_and_nothing_where_there_is_no_certificate_or_the_mesh_is_gone()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var gauge = new MetricCollector<double>(meters, MeshTelemetry.SourceName, "mesh.identity.expiry");
        double? left = null;
        var metrics = new IdentityMetrics(meters);
        metrics.Show(() => left);
        Assert.Empty(Observe());
        left = 3600;
        Assert.Equal([3600], Observe());
        left = -5;
        Assert.Equal([-5], Observe());
        metrics.Dispose();
        Assert.Empty(Observe());

        IEnumerable<double> Observe()
        {
            gauge.Clear();
            gauge.RecordObservableInstruments();
            return gauge.GetMeasurementSnapshot().Select(static m => m.Value);
        }
    }
}
