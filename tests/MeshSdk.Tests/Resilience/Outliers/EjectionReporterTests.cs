using System.Diagnostics.Metrics;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Telemetry;
using MeshSdk.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Resilience.Outliers;

/// <summary>What people and dashboards hear of ejections.</summary>
public sealed class EjectionReporterTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _log = new();
    private readonly Ejections _ejections = new();
    private readonly IMeterFactory _meters;
    private readonly MeshTelemetry _telemetry;
    private readonly EjectionMetrics _metrics;
    private readonly OutlierDetector _detector;
    private readonly EndpointState[] _endpoints = [.. Enumerable.Range(1, 3).Select(WatchedEndpoints.New)];

    public EjectionReporterTests()
    {
        _meters = _services.GetRequiredService<IMeterFactory>();
        _telemetry = new MeshTelemetry(new CallerContext(), _meters);
        _metrics = new EjectionMetrics(_meters, _ejections.ByCluster);
        _detector = new OutlierDetector(
            _time, new OutlierServices(new Random(1), _ejections, new EjectionReporter(_telemetry, _log, _time)), static () => { });
        _detector.Apply(Model, _endpoints);
    }

    private static OutlierDetectionModel Model => new() { Consecutive5xx = 1, MaxEjectionPercent = 34 };

    private IEnumerable<string> Lines => _log.Collector.GetSnapshot().Select(static r => $"{r.Level}: {r.Message}");

    public void Dispose()
    {
        _detector.Dispose();
        _metrics.Dispose();
        _telemetry.Dispose();
        _services.Dispose();
    }

    private void Fail(int index, int status = 503) => _endpoints[index].Record(AttemptOutcomeKind.Answered, status);

    [Fact]
    public void Each_ejection_and_each_return_is_a_line_that_says_who_why_how_long_and_how_many()
    {
        Fail(0);
        Fail(1);
        Fail(1); // said already
        _time.Advance(TimeSpan.FromSeconds(30));
        Fail(1);
        _detector.Release();

        Assert.Equal(
            [
                "Warning: 10.0.0.1:80 of test/backend:80 is ejected for 30 s (consecutive_5xx); 1 of 3 endpoints are.",
                "Warning: 10.0.0.2:80 of test/backend:80 is not ejected although it should be (consecutive_5xx): 1 of 3 endpoints are, and one more would be over the maxEjectionPercent of 34.",
                "Information: 10.0.0.1:80 of test/backend:80 is back after 30 s (consecutive_5xx); 0 of 3 endpoints are ejected.",
                "Warning: 10.0.0.2:80 of test/backend:80 is ejected for 30 s (consecutive_5xx); 1 of 3 endpoints are.",
                "Information: 10.0.0.2:80 of test/backend:80 is back after 0 s (consecutive_5xx): no policy ejects endpoints there any more.",
            ],
            Lines);
    }

    [Fact]
    public void A_cluster_that_flaps_does_not_fill_the_log()
    {
        _detector.Apply(Model with { Interval = TimeSpan.FromSeconds(1), BaseEjectionTime = TimeSpan.FromSeconds(1), MaxEjectionTime = TimeSpan.FromSeconds(1) }, _endpoints);
        for (var i = 0; i < 25; i++)
        {
            Fail(0);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(LogAllowance.Lines, Lines.Count());
        _time.Advance(LogAllowance.Period);
        Fail(0);
        Assert.Equal("Information: 40 more ejections and returns of test/backend:80 were not logged.", Lines.ElementAt(LogAllowance.Lines));
        Assert.Contains("is ejected", Lines.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void They_are_counted_by_service_reason_and_outcome()
    {
        using var counted = new MetricCollector<long>(_meters, "MeshSdk", "mesh.outlier_detection.ejections");
        using var ejected = new MetricCollector<int>(_meters, "MeshSdk", "mesh.outlier_detection.ejected");
        _detector.Apply(Model with { ConsecutiveGatewayErrors = 1 }, _endpoints);
        Fail(0, 500);
        Fail(1, 502);

        Assert.Equal(
            [("backend", "test", "consecutive_5xx", "enforced"), ("backend", "test", "consecutive_gateway_failure", "overflow"), ("backend", "test", "consecutive_5xx", "overflow")],
            counted.GetMeasurementSnapshot().Select(static m => (
                (string)m.Tags["destination_service_name"]!, (string)m.Tags["destination_service_namespace"]!, (string)m.Tags["reason"]!, (string)m.Tags["outcome"]!)));
        ejected.RecordObservableInstruments();
        Assert.Equal((1, "backend"), (ejected.LastMeasurement!.Value, (string)ejected.LastMeasurement.Tags["destination_service_name"]!));
    }

    [Fact]
    public void A_listener_that_fails_is_nothing_to_the_request()
    {
        using var listener = new MeterListener
        {
            // Those of this test alone: others of the process count exceptions, among them this one.
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == _meters)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException("no"));
        listener.Start();
        Fail(0);
        Assert.True(_endpoints[0].IsEjected);
    }

    [Theory]
    [InlineData("Consecutive5xx", "consecutive_5xx")]
    [InlineData("ConsecutiveGatewayErrors", "consecutive_gateway_failure")]
    [InlineData("ConsecutiveLocalOriginFailures", "consecutive_local_origin_failure")]
    [InlineData("SuccessRate", "success_rate")]
    [InlineData("FailurePercentage", "failure_percentage")]
    public void Reasons_have_the_words_that_dashboards_know(string reason, string word) =>
        Assert.Equal(word, Enum.Parse<EjectionReason>(reason).Word());
}
