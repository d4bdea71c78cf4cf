using System.Diagnostics.Metrics;

namespace MeshSdk.Telemetry;

/// <summary>Tells how long the identity of the process is still good for, and how renewing it goes.</summary>
internal sealed class IdentityMetrics : IDisposable
{
    private readonly Meter? _ownMeter;
    private readonly Counter<long> _rotations;
    private readonly Counter<long> _failures;
    private Func<double?>? _remaining;

    public IdentityMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(MeshTelemetry.SourceName) ?? (_ownMeter = new Meter(MeshTelemetry.SourceName));
        _rotations = meter.CreateCounter<long>("mesh.identity.rotations", "{rotation}", "Identities of this process that have taken the place of another.");
        _failures = meter.CreateCounter<long>("mesh.identity.failures", "{failure}", "Times that no identity of this process, or no newer one, could be had.");
        meter.CreateObservableGauge("mesh.identity.expiry", Observe, "s", "How long the certificate of this process is still valid; negative once it has expired.");
    }

    /// <summary>Says what the gauge shows: in seconds, null where there is no certificate.</summary>
    public void Show(Func<double?> remaining) => Volatile.Write(ref _remaining, remaining);

    public void CountRotation() => _rotations.Add(1);

    public void CountFailure() => _failures.Add(1);

    // A meter of the application's lives longer than the mesh, and must not keep it.
    public void Dispose()
    {
        Volatile.Write(ref _remaining, null);
        _ownMeter?.Dispose();
    }

    private Measurement<double>[] Observe() => Volatile.Read(ref _remaining)?.Invoke() is { } seconds ? [new(seconds)] : [];
}
