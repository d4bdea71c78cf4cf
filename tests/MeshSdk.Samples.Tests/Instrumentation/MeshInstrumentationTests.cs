using System.Diagnostics;
using System.Net;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MeshSdk.Samples.Tests.Instrumentation;

public sealed class MeshInstrumentationTests
{
    private const string Manifests =
        """
        apiVersion: v1
        kind: Service
        metadata: { name: instrumented, namespace: default }
        spec: { ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: instrumented-1, namespace: default, labels: { kubernetes.io/service-name: instrumented } }
        addressType: IPv4
        ports: [{ name: http, port: 8080 }]
        endpoints: [{ addresses: [10.0.0.1] }]
        """;

    [Fact]
    public async Task A_call_arrives_as_one_count_and_one_span()
    {
        var metrics = new List<Metric>();
        var spans = new List<Activity>();
        using var meters = Sdk.CreateMeterProviderBuilder().AddMeshInstrumentation().AddInMemoryExporter(metrics).Build();
        using var tracers = Sdk.CreateTracerProviderBuilder().AddMeshInstrumentation().AddInMemoryExporter(spans).Build();
        var manifests = new InMemorySource();
        manifests.Apply(Manifests);
        await using var mesh = await Mesh.StartAsync(new MeshOptions { Namespace = "default", InMemory = manifests, TransportFactory = new Answers() });
        using var client = mesh.CreateClient();

        Assert.Equal("hello", await client.GetStringAsync("http://instrumented"));

        meters.ForceFlush();
        tracers.ForceFlush();
        var (value, tags) = PointOf(Assert.Single(metrics, metric => metric.Name == "istio_requests_total"));
        Assert.Equal(1, value);
        Assert.Equal("instrumented.default.svc.cluster.local", tags["destination_service"]);
        Assert.Equal("200", tags["response_code"]);
        var span = Assert.Single(spans, span => span.DisplayName == "GET instrumented");
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal("default/instrumented:80", span.GetTagItem("mesh.backend"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
    }

    [Fact]
    public void Without_a_builder_nothing_can_be_added()
    {
        Assert.Throws<ArgumentNullException>("builder", () => ((MeterProviderBuilder)null!).AddMeshInstrumentation());
        Assert.Throws<ArgumentNullException>("builder", () => ((TracerProviderBuilder)null!).AddMeshInstrumentation());
    }

    private static (long Value, Dictionary<string, object?> Tags) PointOf(Metric metric)
    {
        var points = new List<(long, Dictionary<string, object?>)>();
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var tags = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (var tag in point.Tags)
            {
                tags.Add(tag.Key, tag.Value);
            }

            points.Add((point.GetSumLong(), tags));
        }

        return Assert.Single(points);
    }

    private sealed class Answers : IMeshTransportFactory
    {
        public HttpMessageHandler Create(MeshTransportContext context) => new Handler();

        private sealed class Handler : HttpMessageHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
                Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("hello"), RequestMessage = request });
        }
    }
}
