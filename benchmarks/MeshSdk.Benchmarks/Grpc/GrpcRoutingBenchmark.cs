using System.Net.Http.Headers;
using BenchmarkDotNet.Attributes;
using MeshSdk.Http;
using MeshSdk.Routing;

namespace MeshSdk.Benchmarks.Grpc;

/// <summary>From a gRPC request to an endpoint under lease and back, by a GRPCRoute that names one method, or a hundred of which the last is called.</summary>
public class GrpcRoutingBenchmark
{
    private HttpRequestMessage _request = null!;
    private Mesh _mesh = null!;
    private MeshEngine _engine = null!;

    [Params(1, 100)]
    public int Methods { get; set; }

    [GlobalSetup]
    public async Task Setup()
    {
        var content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
        _request = new HttpRequestMessage(HttpMethod.Post, "http://backend" + GrpcMesh.Echo.FullName) { Content = content };
        _mesh = await GrpcMesh.StartAsync(Methods);
        _engine = _mesh.Runtime.Engine;
    }

    [GlobalCleanup]
    public void Cleanup() => _mesh.Dispose();

    [Benchmark(Description = "known as a gRPC call")]
    public bool Known() => GrpcCall.Is(_request);

    [Benchmark(Description = "decided")]
    public void Decided()
    {
        var decision = Router.Decide(_engine.FindFrontend(_request.RequestUri)!, _request);
        decision!.Value.Endpoint!.Release();
    }
}
