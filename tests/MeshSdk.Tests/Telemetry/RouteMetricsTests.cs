using System.Diagnostics.Metrics;
using MeshSdk.Model;
using MeshSdk.Telemetry;
using MeshSdk.Tests.Compilation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.Tests.Telemetry;

public sealed class RouteMetricsTests
{
    [Fact]
    public void Routes_are_counted_by_what_became_of_them()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var gauge = new MetricCollector<int>(meters, MeshTelemetry.SourceName, "mesh.routes");
        var snapshot = Given.Snapshot(
            Given.Service("a"),
            Given.Route("r", "a", Given.Rule(Given.Backend("a"))),
            Given.Route("s", "a", Given.Rule(Given.Backend("gone"))),
            Given.Route("t", "gone", Given.Rule(Given.Backend("a"))));
        using var metrics = new RouteMetrics(meters, () => snapshot);
        Assert.Equal(
            [
                "Accepted False NoMatchingParent 1", "Accepted True Accepted 2",
                "ResolvedRefs False BackendNotFound 1", "ResolvedRefs True ResolvedRefs 2",
            ],
            Observe(gauge));

        snapshot = MeshSnapshot.Empty;
        Assert.Empty(Observe(gauge));
    }

    [Fact]
    public void A_mesh_that_is_gone_counts_nothing_any_more()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var gauge = new MetricCollector<int>(meters, MeshTelemetry.SourceName, "mesh.routes");
        var snapshot = Given.Snapshot(Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Backend("a"))));
        var metrics = new RouteMetrics(meters, () => snapshot);
        Assert.NotEmpty(Observe(gauge));
        metrics.Dispose();
        Assert.Empty(Observe(gauge));
    }

    private static IEnumerable<string> Observe(MetricCollector<int> gauge)
    {
        gauge.Clear();
        gauge.RecordObservableInstruments();
        return gauge.GetMeasurementSnapshot()
            .Select(static m => $"{m.Tags["condition"]} {m.Tags["status"]} {m.Tags["reason"]} {m.Value}")
            .Order(StringComparer.Ordinal);
    }
}
