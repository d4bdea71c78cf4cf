using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.Tests.Fixtures;

/// <summary>
/// An API server that does what a test tells it, request by request: it answers nothing by itself, and so can be made to fail in every way that a real one
/// can, at the very moment that matters.
/// </summary>
internal sealed class ScriptedApiServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<ScriptedCall> _calls = Channel.CreateUnbounded<ScriptedCall>();
    private readonly CancellationTokenSource _stop = new();
    private readonly WebApplication _app;
    private int _connections;

    private ScriptedApiServer(WebApplication app) => _app = app;

    /// <summary>What the server shows in handshakes from now on; null: it speaks plaintext.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>What the last client showed in its handshake.</summary>
    public X509Certificate2? SeenClientCertificate { get; private set; }

    /// <summary>The name that the last client asked for in its handshake.</summary>
    public string? SeenName { get; private set; }

    /// <summary>Connections that have been opened.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public Uri Address { get; private set; } = null!;

    /// <param name="certificate">Null: plaintext.</param>
    /// <param name="port">0: any.</param>
    public static async Task<ScriptedApiServer> StartAsync(X509Certificate2? certificate = null, int port = 0, bool asksForCertificates = false)
    {
        ScriptedApiServer server = null!;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listener =>
        {
            listener.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            listener.Use(next => connection =>
            {
                Interlocked.Increment(ref server._connections);
                return next(connection);
            });
            if (certificate is not null)
            {
                listener.UseHttps(https =>
                {
                    https.ServerCertificateSelector = (_, name) =>
                    {
                        server.SeenName = name;
                        return server.Certificate;
                    };
                    https.ClientCertificateMode = asksForCertificates ? ClientCertificateMode.AllowCertificate : ClientCertificateMode.NoCertificate;
                    https.ClientCertificateValidation = (seen, _, _) =>
                    {
                        server.SeenClientCertificate = seen;
                        return true;
                    };
                });
            }
        }));
        var app = builder.Build();
        server = new(app) { Certificate = certificate };
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        server.Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    /// <summary>The next request, in whatever order they came.</summary>
    public async Task<ScriptedCall> NextAsync() =>
        await _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    public bool HasCall => _calls.Reader.TryPeek(out _);

    /// <summary>The same as its end, and keeps the port for a server that comes back there.</summary>
    public async Task<KeptPort> LeaveAsync()
    {
        await DisposeAsync();
        return new KeptPort(Address.Port);
    }

    /// <summary>Drops the connections of all requests that are under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var call = new ScriptedCall(context);
        await using var stopped = _stop.Token.Register(call.Reset);
        await using var gone = context.RequestAborted.Register(call.Forget);
        _calls.Writer.TryWrite(call);
        await call.Ended;
    }
}
