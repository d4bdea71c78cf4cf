using System.Diagnostics.Metrics;
using MeshSdk.Model;

namespace MeshSdk.Telemetry;

/// <summary>Says of each service how many of its endpoints are ejected now; nothing of those that have none.</summary>
internal sealed class EjectionMetrics : IDisposable
{
    private readonly Meter? _ownMeter;
    private Func<IEnumerable<(ClusterId Cluster, int Ejected)>>? _ejected;

    public EjectionMetrics(IMeterFactory? meters, Func<IEnumerable<(ClusterId Cluster, int Ejected)>> ejected)
    {
        _ejected = ejected;
        var meter = meters?.Create(MeshTelemetry.SourceName) ?? (_ownMeter = new Meter(MeshTelemetry.SourceName));
        meter.CreateObservableGauge("mesh.outlier_detection.ejected", Observe, "{endpoint}", "Endpoints that are left out for a while because they did badly.");
    }

    // A meter of the application's lives longer than the mesh, and must not keep it.
    public void Dispose()
    {
        Volatile.Write(ref _ejected, null);
        _ownMeter?.Dispose();
    }

    // The ports of a service are clusters of their own, and one series.
    private IEnumerable<Measurement<int>> Observe() =>
    [
        .. (Volatile.Read(ref _ejected)?.Invoke() ?? [])
            .GroupBy(static count => count.Cluster.ServiceId, static count => count.Ejected)
            .Select(static service => new Measurement<int>(
                service.Sum(), new("destination_service_name", service.Key.Name), new("destination_service_namespace", service.Key.Namespace))),
    ];
}
