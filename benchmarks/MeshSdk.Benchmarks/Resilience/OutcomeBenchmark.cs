using BenchmarkDotNet.Attributes;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Transport;

namespace MeshSdk.Benchmarks.Resilience;

/// <summary>What it costs to charge an endpoint with the outcome of one request.</summary>
public class OutcomeBenchmark
{
    private EndpointState _endpoint = null!;
    private OutlierDetector? _detector;

    /// <summary>No detection; errors in a row; gRFC A50's comparisons too.</summary>
    [Params("off", "consecutive", "compared")]
    public string Detection { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _endpoint = BenchmarkMesh.Endpoints(5)[0];
        if (Detection != "off")
        {
            // The threshold is out of reach: an ejection happens once in a while, and not on the path of requests.
            _detector = new OutlierDetector(TimeProvider.System, OutlierServices.Alone, static () => { });
            _detector.Apply(
                new OutlierDetectionModel
                {
                    Consecutive5xx = int.MaxValue,
                    ConsecutiveGatewayErrors = int.MaxValue,
                    SuccessRate = Detection == "compared" ? new SuccessRateModel() : null,
                },
                [_endpoint]);
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _detector?.Dispose();

    [Benchmark(Description = "success")]
    public void Success() => _endpoint.Record(AttemptOutcomeKind.Answered, 200);

    [Benchmark(Description = "error")]
    public void Error() => _endpoint.Record(AttemptOutcomeKind.Answered, 503);

    [Benchmark(Description = "error, success")]
    public void Mixed()
    {
        _endpoint.Record(AttemptOutcomeKind.Answered, 503);
        _endpoint.Record(AttemptOutcomeKind.Answered, 200);
    }
}
