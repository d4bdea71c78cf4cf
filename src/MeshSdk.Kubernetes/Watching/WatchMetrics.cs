using System.Diagnostics.Metrics;
using MeshSdk.Telemetry;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>The instruments of what is followed, by kind: as many series as there are kinds, however much is watched.</summary>
internal sealed class WatchMetrics : IDisposable
{
    private const string Kind = "mesh.kubernetes.kind";

    private readonly Meter? _ownMeter;
    private readonly Counter<long> _lists;
    private readonly Counter<long> _ends;
    private readonly Counter<long> _events;

    /// <param name="meters">Null: a meter of its own, as tools listen to.</param>
    /// <param name="ages">Of the data, by kind: that of the oldest set.</param>
    public WatchMetrics(IMeterFactory? meters, Func<IEnumerable<(string Kind, TimeSpan Age)>> ages)
    {
        var meter = meters?.Create(MeshTelemetry.SourceName) ?? (_ownMeter = new Meter(MeshTelemetry.SourceName));
        _lists = meter.CreateCounter<long>("mesh.kubernetes.lists", "{list}", "Sets of objects read as a whole from the API server.");
        _ends = meter.CreateCounter<long>("mesh.kubernetes.watch.ends", "{watch}", "Watches that ended, by reason; each is followed by a new one.");
        _events = meter.CreateCounter<long>("mesh.kubernetes.events", "{event}", "Changes that the API server reported.");
        meter.CreateObservableGauge(
            "mesh.kubernetes.age",
            () => ages().Select(static age => new Measurement<double>(age.Age.TotalSeconds, new KeyValuePair<string, object?>(Kind, age.Kind))),
            "s",
            "How long ago the API server last had word of a kind.");
    }

    public void Listed(string kind) => _lists.Add(1, new KeyValuePair<string, object?>(Kind, kind));

    /// <param name="kind">As in <c>HTTPRoute</c>.</param>
    /// <param name="reason">One of <see cref="WatchEnd"/>.</param>
    public void Ended(string kind, string reason) => _ends.Add(1, new(Kind, kind), new("mesh.kubernetes.reason", reason));

    public void Event(string kind) => _events.Add(1, new KeyValuePair<string, object?>(Kind, kind));

    public void Dispose() => _ownMeter?.Dispose();
}
