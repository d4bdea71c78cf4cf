using BenchmarkDotNet.Attributes;

namespace MeshSdk.Benchmarks.Http;

/// <summary>
/// The whole handler over a transport that does nothing: route, split, balance, lease, send, give everything back. The floor is the transport alone
/// behind the same invoker; the mesh costs the difference.
/// </summary>
public class HandlerBenchmark
{
    private readonly HttpMessageInvoker _floor = new(new NoOpHandler());
    private HttpMessageInvoker _routed = null!;
    private Mesh _mesh = null!;
    private Uri _uri = null!;

    /// <summary>The outcome is known at the headers, or at the end of the body.</summary>
    [Params("/headers", "/body")]
    public string Path { get; set; } = "";

    [GlobalSetup]
    public async Task Setup()
    {
        _uri = new Uri("http://backend" + Path);
        _mesh = await BenchmarkMesh.StartAsync();
        _routed = new HttpMessageInvoker(_mesh.CreateHandler());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _routed.Dispose();
        _mesh.Dispose();
    }

    [Benchmark(Baseline = true, Description = "transport alone")]
    public Task Floor() => SendAsync(_floor);

    [Benchmark(Description = "through the mesh")]
    public Task Routed() => SendAsync(_routed);

    private async Task SendAsync(HttpMessageInvoker invoker)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _uri);
        using var response = await invoker.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
    }
}
