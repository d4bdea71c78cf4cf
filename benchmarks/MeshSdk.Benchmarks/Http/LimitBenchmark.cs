using BenchmarkDotNet.Attributes;
using MeshSdk.Model;

namespace MeshSdk.Benchmarks.Http;

/// <summary>
/// The whole handler over a transport that does nothing, with and without limits. Where there are none, a request pays nothing for them; a limit on
/// requests costs a count, and one on connections an object or two and a gate.
/// </summary>
public class LimitBenchmark
{
    private HttpMessageInvoker _routed = null!;
    private ModelMesh _mesh = null!;
    private Uri _uri = null!;

    [Params("None", "Requests", "Connections")]
    public string Limits { get; set; } = "";

    [GlobalSetup]
    public async Task Setup()
    {
        _uri = new Uri("http://backend/body");
        var limits = Limits switch
        {
            "Requests" => new ConnectionLimits { MaxRequests = 1_000 },
            "Connections" => new ConnectionLimits { MaxConnections = 100 },
            _ => ConnectionLimits.None,
        };
        _mesh = await ModelMesh.StartAsync(5, cluster => cluster with { Limits = limits });
        _routed = new HttpMessageInvoker(_mesh.CreateHandler());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _routed.Dispose();
        _mesh.Dispose();
    }

    [Benchmark]
    public async Task Routed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _uri);
        using var response = await _routed.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
    }
}
