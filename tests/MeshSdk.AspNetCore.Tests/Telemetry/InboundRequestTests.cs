using System.Diagnostics.Metrics;
using MeshSdk.AspNetCore.Requests;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.AspNetCore.Tests.Telemetry;

/// <summary>Requests are counted as a sidecar of the server counts them.</summary>
public sealed class InboundRequestTests : IDisposable
{
    private readonly MeshCertificateAuthority _authority = new();

    [Fact]
    public async Task A_request_over_mutual_tls_has_the_labels_of_istio()
    {
        await using var host = await StartAsync();

        var tags = await CountAsync(host, "/", "backend.shop.svc.cluster.local:8080", _authority.Issue("spiffe://cluster.local/ns/web/sa/client"));

        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["reporter"] = "destination",
                ["source_workload"] = "unknown",
                ["source_workload_namespace"] = "web",
                ["source_principal"] = "spiffe://cluster.local/ns/web/sa/client",
                ["destination_workload"] = "backend-v1",
                ["destination_workload_namespace"] = "shop",
                ["destination_principal"] = "spiffe://cluster.local/ns/shop/sa/backend",
                ["destination_service"] = "backend.shop.svc.cluster.local",
                ["destination_service_name"] = "backend",
                ["destination_service_namespace"] = "shop",
                ["request_protocol"] = "http",
                ["response_code"] = "200",
                ["grpc_response_status"] = "",
                ["response_flags"] = "-",
                ["connection_security_policy"] = "mutual_tls",
            },
            tags);
    }

    [Theory]
    [InlineData("/", "200", "-")]
    [InlineData("/teapot", "418", "-")]
    [InlineData("/throws", "500", "-")]
    [InlineData("/too-large", "413", "-")]
    [InlineData("/gone", "0", "DC")]
    public async Task An_outcome_is_that_which_the_caller_sees(string path, string code, string flags)
    {
        await using var host = await StartAsync();

        var tags = await CountAsync(host, path, "backend");

        Assert.Equal((code, flags), (tags["response_code"], tags["response_flags"]));
        Assert.Equal(("none", "unknown", "unknown"), (tags["connection_security_policy"], tags["source_principal"], tags["destination_principal"]));
    }

    [Theory]
    [InlineData("/grpc-trailers", "5")]
    [InlineData("/grpc-headers", "7")]
    [InlineData("/", "2")]
    public async Task A_call_of_grpc_is_counted_by_its_status(string path, string status)
    {
        await using var host = await StartAsync();

        var tags = await CountAsync(host, path, "backend", contentType: "application/grpc");

        Assert.Equal(("grpc", "200", status), (tags["request_protocol"], tags["response_code"], tags["grpc_response_status"]));
    }

    [Theory]
    [InlineData("backend", "backend")]
    [InlineData("Backend.Shop:80", "backend")]
    [InlineData("backend-v1.shop.svc", "backend-v1")]
    [InlineData("backend.other", "unknown")]
    [InlineData("github.com", "unknown")]
    [InlineData("localhost:8080", "unknown")]
    [InlineData("10.1.2.3:8080", "unknown")]
    [InlineData("[::1]:8080", "unknown")]
    [InlineData("", "unknown")]
    public async Task A_service_is_one_of_the_own_namespace(string authority, string service)
    {
        await using var host = await StartAsync();

        Assert.Equal(service, (await CountAsync(host, "/", authority))["destination_service_name"]);
    }

    [Fact]
    public async Task A_caller_cannot_make_ever_more_services()
    {
        await using var host = await StartAsync();
        using var requests = Collector(host);

        for (var i = 0; i < 200; i++)
        {
            await host.Server.SendAsync("/", MemoryServer.Connection(), (request, _) => request.Headers.Host = $"name{i}");
        }

        Assert.Equal(65, requests.GetMeasurementSnapshot().Select(static m => m.Tags["destination_service_name"]).Distinct().Count());
    }

    [Fact]
    public async Task What_the_mesh_refuses_is_counted_and_what_is_for_probes_is_not()
    {
        await using var host = await StartAsync(static options => options.Mode = PeerAuthenticationMode.Strict);
        using var requests = Collector(host);

        await host.Server.SendAsync("/", MemoryServer.Connection());
        await host.Server.SendAsync("/health", MemoryServer.Connection(isExempt: true));

        Assert.Equal("403", Assert.Single(requests.GetMeasurementSnapshot()).Tags["response_code"]);
    }

    public void Dispose() => _authority.Dispose();

    private static MetricCollector<long> Collector(MemoryHost host) =>
        new(host.App.Services.GetRequiredService<IMeterFactory>(), "MeshSdk", "istio_requests_total");

    private static async Task<IReadOnlyDictionary<string, object?>> CountAsync(
        MemoryHost host, string path, string authority, MeshTestCertificate? peer = null, string? contentType = null)
    {
        using var requests = Collector(host);
        await host.Server.SendAsync(path, MemoryServer.Connection(peer: peer), (request, features) =>
        {
            request.Headers.Host = authority;
            request.Headers.ContentType = contentType;
            features.Set<IHttpResponseTrailersFeature>(new Trailers());
        });
        var measurement = Assert.Single(requests.GetMeasurementSnapshot());
        Assert.Equal(1, measurement.Value);
        return measurement.Tags;
    }

    private Task<MemoryHost> StartAsync(Action<MeshServerOptions>? configure = null) => MemoryHost.StartAsync(
        configure,
        static options => options.PodName = "backend-v1-5f7d8b9c6d-x2x4z",
        _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"),
        application: static app => app.Run(static context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/teapot":
                    context.Response.StatusCode = StatusCodes.Status418ImATeapot;
                    break;
                case "/throws":
                    throw new InvalidOperationException("on purpose");
                case "/too-large":
                    throw new BadHttpRequestException("on purpose", StatusCodes.Status413PayloadTooLarge);
                case "/gone":
                    context.RequestAborted = new CancellationToken(canceled: true);
                    throw new OperationCanceledException();
                case "/grpc-trailers":
                    context.Response.AppendTrailer("grpc-status", "5");
                    break;
                case "/grpc-headers":
                    return InboundReply.Denied.WriteAsync(context);
            }

            return Task.CompletedTask;
        }));

    private sealed class Trailers : IHttpResponseTrailersFeature
    {
        IHeaderDictionary IHttpResponseTrailersFeature.Trailers { get; set; } = new HeaderDictionary();
    }
}
