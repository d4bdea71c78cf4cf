using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MeshSdk.Model;

namespace MeshSdk.Telemetry;

/// <summary>How much of a cluster's limits is in use at one moment.</summary>
internal readonly record struct BreakerUse(int Requests, int Connections, int Pending, int Retries);

/// <summary>
/// Tells how close clusters are to their limits, and what was not let in. Only clusters that have limits are seen here.
/// </summary>
internal sealed class CircuitBreakerMetrics : IDisposable
{
    private readonly ConcurrentDictionary<ClusterId, Func<BreakerUse>> _clusters = new();
    private readonly Meter? _ownMeter;
    private readonly Counter<long> _overflows;

    public CircuitBreakerMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(MeshTelemetry.SourceName) ?? (_ownMeter = new Meter(MeshTelemetry.SourceName));
        _overflows = meter.CreateCounter<long>(
            "mesh.circuit_breaker.overflows", "{request}", "Requests and retries that the limits of a destination did not let through, by kind of limit.");
        meter.CreateObservableGauge(
            "mesh.circuit_breaker.in_use", Observe, "{use}", "What is under way to a destination that has limits, by kind of limit.");
    }

    /// <summary>Counts what was not let through.</summary>
    public void Overflow(ClusterId cluster, string kind)
    {
        if (_overflows.Enabled)
        {
            var tags = Tags(cluster, kind.ToLowerInvariant());
            _overflows.Add(1, tags);
        }
    }

    /// <summary>Shows a cluster, until it is taken out again.</summary>
    public void Add(ClusterId cluster, Func<BreakerUse> use) => _clusters[cluster] = use;

    public void Remove(ClusterId cluster) => _clusters.TryRemove(cluster, out _);

    // A meter of the application's lives longer than the mesh, and must not keep it.
    public void Dispose()
    {
        _clusters.Clear();
        _ownMeter?.Dispose();
    }

    private IEnumerable<Measurement<int>> Observe() => _clusters.SelectMany(static cluster =>
    {
        var use = cluster.Value();
        return new[]
        {
            new Measurement<int>(use.Requests, Tags(cluster.Key, "requests")),
            new Measurement<int>(use.Connections, Tags(cluster.Key, "connections")),
            new Measurement<int>(use.Pending, Tags(cluster.Key, "pending")),
            new Measurement<int>(use.Retries, Tags(cluster.Key, "retries")),
        };
    });

    private static KeyValuePair<string, object?>[] Tags(ClusterId cluster, string kind) =>
    [
        new("destination_service_name", cluster.Service),
        new("destination_service_namespace", cluster.Namespace),
        new("destination_port", cluster.Port),
        new("kind", kind),
    ];
}
