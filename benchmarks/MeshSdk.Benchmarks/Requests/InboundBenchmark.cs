using System.Diagnostics.Metrics;
using System.Net;
using BenchmarkDotNet.Attributes;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Requests;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Benchmarks.Requests;

/// <summary>
/// What a server of the mesh pays for a request before the application sees it: its connection is looked up, its headers and scheme are made true,
/// mode and policies are asked. The application answers at once, so that what is measured is the mesh alone; <c>counted</c> has somebody listen to
/// <c>istio_requests_total</c>.
/// </summary>
public class InboundBenchmark
{
    private readonly DefaultHttpContext _context = new();
    private MeterListener? _listener;
    private WebApplication _app = null!;
    private RequestDelegate _pipeline = null!;

    /// <summary>By what the caller has come.</summary>
    [Params("plaintext", "mTLS")]
    public string Connection { get; set; } = "";

    /// <summary>
    /// What is asked of it; the last rule of the last policy is that which lets it in. Those before it fail at the caller, or, where all is compared, at the
    /// path: caller and method match.
    /// </summary>
    [Params("none", "1 ALLOW", "20 x 5 rules", "20 x 5, all compared")]
    public string Policies { get; set; } = "";

    [Params(false, true)]
    public bool IsCounted { get; set; }

    [GlobalSetup]
    public async Task Setup()
    {
        using var authority = new MeshCertificateAuthority();
        var source = new InMemorySource();
        source.Apply(InboundPolicies.Of(Policies));
        var identities = new InMemoryCertificateSource();
        identities.Update(authority.Issue("spiffe://cluster.local/ns/shop/sa/backend").ToIdentity());
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseMeshIdentity();
        builder.Services.AddMesh(mesh => mesh.UseInMemory(source).Configure(options =>
        {
            options.Namespace = "shop";
            options.Identity.Source = identities;
        }));
        _app = builder.Build();
        await _app.Services.GetRequiredService<Mesh>().WaitUntilReadyAsync();
        var pipeline = _app.Services.GetRequiredService<InboundMiddlewareFactory>().AddTo(new ApplicationBuilder(_app.Services));
        pipeline.Run(static _ => Task.CompletedTask);
        _pipeline = pipeline.Build();
        Prepare(authority);
        if (IsCounted)
        {
            _listener = new MeterListener { InstrumentPublished = static (instrument, listener) => Listen(instrument, listener) };
            _listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
            _listener.Start();
        }

        await Inbound();
        if (_context.Response.StatusCode != StatusCodes.Status200OK)
        {
            throw new InvalidOperationException("the request is not let in");
        }
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        _listener?.Dispose();
        await _app.DisposeAsync();
    }

    [Benchmark(Description = "before the application")]
    public Task Inbound() => _pipeline(_context);

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument.Name == "istio_requests_total")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private void Prepare(MeshCertificateAuthority authority)
    {
        var connection = new InboundConnection(
            new DefaultConnectionContext
            {
                LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 8080),
                RemoteEndPoint = new IPEndPoint(IPAddress.Parse("10.1.2.3"), 40_000),
            },
            isExempt: false);
        if (Connection == "mTLS")
        {
            var certificate = authority.Issue("spiffe://cluster.local/ns/web/sa/client");
            connection.Peer = new MeshPeer(certificate.ToIdentity().Id!, certificate.Certificate);
        }

        _context.Features.Set(connection);
        _context.Features.Set<IMeshPeerFeature>(connection);
        _context.Request.Method = "GET";
        _context.Request.Path = "/orders/4711";
        _context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/orders/4711?expand=lines";
        _context.Request.Host = new HostString("backend.shop");
        _context.Request.Headers.Accept = "application/json";
        _context.Request.Headers.UserAgent = "benchmark";
    }
}
