using BenchmarkDotNet.Attributes;
using MeshSdk.Testing;

namespace MeshSdk.Benchmarks.Http;

/// <summary>
/// The whole handler over a transport that does nothing, for endpoints that do mutual TLS. The baseline is the same in plaintext: the difference is what a
/// request pays for what the mesh minds of identities. What TLS itself costs is <c>MeshSdk.LoadTest mtls</c>'s to say.
/// </summary>
public class SecuredHandlerBenchmark
{
    private readonly MeshCertificateAuthority _authority = new();
    private HttpMessageInvoker _plain = null!;
    private HttpMessageInvoker _secured = null!;
    private Mesh _plainMesh = null!;
    private Mesh _securedMesh = null!;
    private Uri _uri = null!;

    /// <summary>The outcome is known at the headers, or at the end of the body.</summary>
    [Params("/headers", "/body")]
    public string Path { get; set; } = "";

    [GlobalSetup]
    public async Task Setup()
    {
        _uri = new Uri("http://backend" + Path);
        _plainMesh = await BenchmarkMesh.StartAsync();
        _plain = new HttpMessageInvoker(_plainMesh.CreateHandler());
        var identity = _authority.Issue("spiffe://cluster.local/ns/default/sa/caller").ToIdentity();
        _securedMesh = await BenchmarkMesh.StartSecuredAsync(new InMemoryCertificateSource(identity));
        _secured = new HttpMessageInvoker(_securedMesh.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, _uri);
        using var response = await _secured.SendAsync(request, CancellationToken.None);
        response.EnsureSuccessStatusCode();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _plain.Dispose();
        _secured.Dispose();
        _plainMesh.Dispose();
        _securedMesh.Dispose();
        _authority.Dispose();
    }

    [Benchmark(Baseline = true, Description = "plaintext")]
    public Task Plain() => SendAsync(_plain);

    [Benchmark(Description = "mutual TLS")]
    public Task Secured() => SendAsync(_secured);

    private async Task SendAsync(HttpMessageInvoker invoker)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _uri);
        using var response = await invoker.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
    }
}
