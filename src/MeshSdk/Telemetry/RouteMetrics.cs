using System.Diagnostics.Metrics;
using MeshSdk.Model;

namespace MeshSdk.Telemetry;

/// <summary>
/// Counts the routes of a mesh by what became of them. The labels are the words of the Gateway API, so there are a dozen series at most, however many
/// routes there are: which ones they are is told by the health check and by the diagnostics.
/// </summary>
internal sealed class RouteMetrics : IDisposable
{
    private readonly Meter? _ownMeter;
    private Func<MeshSnapshot>? _snapshot;
    private (MeshSnapshot? Of, List<Measurement<int>> Counts) _last = (null, []);

    public RouteMetrics(IMeterFactory? meters, Func<MeshSnapshot> snapshot)
    {
        _snapshot = snapshot;
        var meter = meters?.Create(MeshTelemetry.SourceName) ?? (_ownMeter = new Meter(MeshTelemetry.SourceName));
        meter.CreateObservableGauge(
            "mesh.routes", Observe, "{route}", "Routes at their parents by condition (Accepted, ResolvedRefs, PartiallyInvalid), status and reason.");
    }

    // A meter of the application's lives longer than the mesh, and must not keep it.
    public void Dispose()
    {
        Volatile.Write(ref _snapshot, null);
        _last = (null, []);
        _ownMeter?.Dispose();
    }

    private List<Measurement<int>> Observe()
    {
        if (Volatile.Read(ref _snapshot)?.Invoke() is not { } snapshot)
        {
            return [];
        }

        var last = _last;
        if (!ReferenceEquals(last.Of, snapshot))
        {
            _last = last = (snapshot, Count(snapshot));
        }

        return last.Counts;
    }

    private static List<Measurement<int>> Count(MeshSnapshot snapshot) =>
    [
        .. snapshot.Routes.Values
            .SelectMany(static statuses => statuses)
            .SelectMany(static status => status.Conditions)
            .CountBy(static condition => (condition.Type, condition.Status, condition.Reason))
            .Select(static count => new Measurement<int>(
                count.Value, new("condition", count.Key.Type), new("status", count.Key.Status), new("reason", count.Key.Reason))),
    ];
}
