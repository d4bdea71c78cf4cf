using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Tests.Curl;

/// <summary>A backend on a port of the loopback interface.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _called;

    private StubServer(WebApplication app, TaskCompletionSource called) => (_app, _called) = (app, called);

    /// <summary>Completes with the first request.</summary>
    public Task Called => _called.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static Task<StubServer> StartAsync(RequestDelegate answer) => StartAsync(answer, static _ => { });

    /// <summary>Speaks TLS alone, and to those alone who show a certificate of the same authority.</summary>
    public static Task<StubServer> StartMutualAsync(MeshTestCertificate certificate, RequestDelegate answer) => StartAsync(answer, listen =>
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPem(certificate.RootPem);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, [.. certificate.Chain], offline: true),
            ClientCertificateRequired = true,
            CertificateChainPolicy = trust,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(options) });
    });

    private static async Task<StubServer> StartAsync(RequestDelegate answer, Action<ListenOptions> secure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, secure));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Run(context =>
        {
            called.TrySetResult();
            return answer(context);
        });
        await app.StartAsync();
        return new StubServer(app, called);
    }

    public static Task<StubServer> SayAsync(string text) => StartAsync(context => context.Response.WriteAsync(text));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
