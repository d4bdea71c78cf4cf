using System.Net;
using System.Net.Security;
using MeshSdk.Testing.Access;
using MeshSdk.Testing.Faults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Testing.Http;

/// <summary>
/// Listens, from its start to its disposal. Only the server of an otherwise empty host is used: a host would take signals and configuration from the
/// process that it is a guest in.
/// </summary>
internal sealed class ApiListener : IHttpApplication<HttpContext>, IAsyncDisposable
{
    /// <summary>Time for streams that have ended to say so; what is left then is cut.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ApiHandler _handler;
    private readonly WebApplication _host;
    private readonly IServer _server;

    private ApiListener(ApiHandler handler, ServingCertificates certificates, FaultGate connections, EmbeddedKubernetesOptions options, int port)
    {
        _handler = handler;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(options.LoggerFactory);
        var transport = new StallingTransport(connections, _stopping.Token);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = options.MaxStreamsPerConnection;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = options.Http2 ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                listen.Use(next => connection => transport.RunAsync(connection, next));
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificates.Context }),
                });
            });
        });
        _host = builder.Build();
        _server = _host.Services.GetRequiredService<IServer>();
    }

    public int Port => new Uri(_server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()).Port;

    /// <param name="port">0: any that is free.</param>
    public static async Task<ApiListener> StartAsync(
        ApiHandler handler, ServingCertificates certificates, FaultGate connections, EmbeddedKubernetesOptions options, int port,
        CancellationToken cancellationToken)
    {
        var listener = new ApiListener(handler, certificates, connections, options, port);
        try
        {
            await listener._server.StartAsync(listener, cancellationToken).ConfigureAwait(false);
            return listener;
        }
        catch
        {
            await listener.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context) => _handler.HandleAsync(context, _stopping.Token);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Nothing in a context is kept or pooled.
    }

    /// <summary>Stops within about the farewell, whatever is running: watches are ended first, for they would never end by themselves.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        using var farewell = new CancellationTokenSource(Farewell);
        await _server.StopAsync(farewell.Token).ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }
}
