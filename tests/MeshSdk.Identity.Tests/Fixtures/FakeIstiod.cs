using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Grpc.Core;
using MeshSdk.Identity.Tests.Protocol;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Identity.Tests.Fixtures;

/// <summary>A request as it came.</summary>
internal sealed record IssueCall(string Csr, long Validity, string? Token, string? ClusterId, string Connection);

/// <summary>What istiod does with one request in place of issuing a certificate.</summary>
internal delegate Task<IstioCertificateResponse> IssueScript(FakeIstiod istiod, IssueCall call, CancellationToken aborted);

/// <summary>
/// Istiod's certificate authority: real gRPC over TLS. It takes tokens for its audience alone and issues for their subject, whatever the request names, but does
/// as it is told first, once for each script.
/// </summary>
internal sealed class FakeIstiod : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<IssueScript> _scripts;
    private readonly ConcurrentQueue<IssueCall> _calls = [];

    private FakeIstiod(WebApplication server, MeshCertificateAuthority authority, ConcurrentQueue<IssueScript> scripts) =>
        (_server, Authority, _scripts) = (server, authority, scripts);

    /// <summary>By which it issues from now on.</summary>
    public MeshCertificateAuthority Authority { get; set; }

    /// <summary>What stands last in its answers; null: its authority's root.</summary>
    public string? Roots { get; set; }

    /// <summary>What is other than in a good certificate.</summary>
    public MeshTestCertificateOptions? Options { get; set; }

    public IReadOnlyList<IssueCall> Calls => [.. _calls];

    public string Address => new Uri(_server.Urls.Single()).Authority;

    public static async Task<FakeIstiod> StartAsync(MeshCertificateAuthority authority, string name = "istiod.istio-system.svc", bool plaintext = false, params IssueScript[] scripts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var serving = authority.Issue(null, new() { DnsNames = [name] });
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (!plaintext)
            {
                listen.UseHttps(serving.Certificate, https => https.ServerCertificateChain = [.. serving.Chain]);
            }
        }));
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static options => options.ShutdownTimeout = TimeSpan.Zero);
        builder.Services.AddGrpc();
        var istiod = default(FakeIstiod);
        builder.Services.AddSingleton(_ => new Service(() => istiod!));
        var server = builder.Build();
        server.MapGrpcService<Service>();
        istiod = new FakeIstiod(server, authority, new(scripts));
        await server.StartAsync();
        return istiod;
    }

    public static IssueScript Refuse(StatusCode status, string detail = "not now") => (_, _, _) => throw new RpcException(new Status(status, detail));

    /// <summary>Answers with what the test makes of the request.</summary>
    public static IssueScript Answer(Func<FakeIstiod, IssueCall, IEnumerable<string>> elements) =>
        (istiod, call, _) => Task.FromResult(Response(elements(istiod, call)));

    /// <summary>Never answers.</summary>
    public static async Task<IstioCertificateResponse> Silence(FakeIstiod istiod, IssueCall call, CancellationToken aborted)
    {
        await Task.Delay(Timeout.Infinite, aborted);
        return new();
    }

    /// <summary>What a good answer holds.</summary>
    public IEnumerable<string> Issue(IssueCall call)
    {
        var subject = Jwt.Claims(call.Token!).GetProperty("sub").GetString()!.Split(':');
        using var leaf = Authority.Sign(call.Csr, $"spiffe://cluster.local/ns/{subject[2]}/sa/{subject[3]}", Options);
        return [leaf.ExportCertificatePem(), .. Authority.Chain.Select(static certificate => certificate.ExportCertificatePem()), Roots ?? Authority.RootPem];
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private static IstioCertificateResponse Response(IEnumerable<string> elements)
    {
        var response = new IstioCertificateResponse();
        response.CertChain.AddRange(elements);
        return response;
    }

    private sealed class Service(Func<FakeIstiod> istiod) : IstioCertificateService.IstioCertificateServiceBase
    {
        public override async Task<IstioCertificateResponse> CreateCertificate(IstioCertificateRequest request, ServerCallContext context)
        {
            var headers = context.RequestHeaders;
            var token = headers.GetValue("authorization") is { } value && value.StartsWith("Bearer ", StringComparison.Ordinal) ? value["Bearer ".Length..] : null;
            var call = new IssueCall(request.Csr, request.ValidityDuration, token, headers.GetValue("clusterid"), context.GetHttpContext().Connection.Id);
            istiod()._calls.Enqueue(call);
            if (istiod()._scripts.TryDequeue(out var script))
            {
                return await script(istiod(), call, context.CancellationToken);
            }

            if (token is null || !Jwt.Claims(token).GetProperty("aud").EnumerateArray().Any(static audience => audience.GetString() == "istio-ca"))
            {
                throw new RpcException(new Status(StatusCode.Unauthenticated, "request authenticate failure"));
            }

            try
            {
                return Response(istiod().Issue(call));
            }
            catch (CryptographicException)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, "CSR sign error"));
            }
        }
    }
}
