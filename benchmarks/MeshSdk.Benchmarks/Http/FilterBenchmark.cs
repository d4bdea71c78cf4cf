using BenchmarkDotNet.Attributes;

namespace MeshSdk.Benchmarks.Http;

/// <summary>
/// The whole handler over a transport that does nothing, for rules with filters. The baseline is a rule that only forwards: the difference is what
/// filters cost, and what they must create.
/// </summary>
public class FilterBenchmark
{
    private HttpMessageInvoker _invoker = null!;
    private Mesh _mesh = null!;
    private Uri _uri = null!;

    /// <summary>What the rule does: nothing but forward, one header of each kind, a rewritten path and host, or headers of the response.</summary>
    [Params("none", "request headers", "rewrite", "response headers")]
    public string Filters { get; set; } = "";

    [GlobalSetup]
    public async Task Setup()
    {
        _uri = new Uri("http://backend/headers");
        _mesh = await BenchmarkMesh.StartAsync(Filters switch
        {
            "request headers" => "[{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X-Set, value: a }], add: [{ name: X-Add, value: b }], remove: [X-Gone] } }]",
            "rewrite" => "[{ type: URLRewrite, urlRewrite: { hostname: other.example, path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } } }]",
            "response headers" => "[{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: X-Set, value: a }] } }]",
            _ => "[]",
        });
        _invoker = new HttpMessageInvoker(_mesh.CreateHandler());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _invoker.Dispose();
        _mesh.Dispose();
    }

    [Benchmark(Description = "through the mesh")]
    public async Task Send()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _uri);
        using var response = await _invoker.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
    }
}
