using BenchmarkDotNet.Attributes;
using MeshSdk.Http;
using MeshSdk.Routing;

namespace MeshSdk.Benchmarks.Routing;

/// <summary>
/// From a URI that was made for this request to an endpoint under lease, and the lease given back. The URI works its host and path out only when
/// somebody asks, and the transport has to ask anyway: that is what the first row costs, and the second is to be read as what it adds.
/// </summary>
public class RoutingDecisionBenchmark
{
    private readonly HttpRequestMessage _request = new(HttpMethod.Get, "http://backend/orders/42");
    private readonly Uri _knownUri = new("http://backend/orders/42");
    private Mesh _mesh = null!;
    private MeshEngine _engine = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        _mesh = await BenchmarkMesh.StartAsync();
        _engine = _mesh.Runtime.Engine;
    }

    [GlobalCleanup]
    public void Cleanup() => _mesh.Dispose();

    [Benchmark(Baseline = true, Description = "fresh Uri alone")]
    public int FreshUri()
    {
        var uri = new Uri("http://backend/orders/42");
        _request.RequestUri = uri;
        return uri.IdnHost.Length + uri.PathAndQuery.Length;
    }

    [Benchmark(Description = "fresh Uri, decided")]
    public int FreshUriDecided()
    {
        var uri = new Uri("http://backend/orders/42");
        _request.RequestUri = uri;
        Decide(uri);
        return uri.IdnHost.Length + uri.PathAndQuery.Length;
    }

    [Benchmark(Description = "known Uri, decided")]
    public void KnownUriDecided() => Decide(_knownUri);

    private void Decide(Uri uri)
    {
        var decision = Router.Decide(_engine.FindFrontend(uri)!, _request);
        decision!.Value.Endpoint!.Release();
    }
}
