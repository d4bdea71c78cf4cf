using System.Diagnostics.Metrics;
using MeshSdk.Kubernetes.Watching;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class WatchMetricsTests
{
    [Fact]
    public void Lists_ends_events_and_ages_are_counted_by_kind()
    {
        var seen = new List<string>();
        using var metrics = new WatchMetrics(meters: null, () => [("HTTPRoute", TimeSpan.FromSeconds(7))]);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("mesh.kubernetes.", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();

        metrics.Listed("Marked");
        metrics.Event("Marked");
        metrics.Ended("Marked", WatchEnd.Expired);
        listener.RecordObservableInstruments();

        // The instruments of the tests that run beside this one are listened to as well, and go on telling.
        string[] told;
        lock (seen)
        {
            told = [.. seen];
        }

        Assert.Contains("mesh.kubernetes.lists 1 mesh.kubernetes.kind=Marked", told);
        Assert.Contains("mesh.kubernetes.events 1 mesh.kubernetes.kind=Marked", told);
        Assert.Contains("mesh.kubernetes.watch.ends 1 mesh.kubernetes.kind=Marked mesh.kubernetes.reason=expired", told);
        Assert.Contains("mesh.kubernetes.age 7 mesh.kubernetes.kind=HTTPRoute", told);

        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (seen)
            {
                seen.Add($"{instrument.Name} {value} {string.Join(" ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
            }
        }
    }
}
