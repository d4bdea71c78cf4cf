using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Verification;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tests.Fixtures;

/// <summary>What a <see cref="TlsServer"/> saw of the other side of a handshake.</summary>
/// <param name="Identity">The one URI of its certificate; null: none, or no certificate.</param>
/// <param name="Serial">Of its certificate; empty: none.</param>
/// <param name="ServerName">SNI.</param>
/// <param name="Sent">How many certificates came with its own.</param>
internal sealed record TlsClient(string? Identity, string Serial, string ServerName, int Sent);

/// <summary>How a <see cref="TlsServer"/> differs from one that speaks mutual TLS with any member of the mesh, over HTTP/1.1 and HTTP/2.</summary>
internal sealed record TlsServerOptions
{
    /// <summary>Whose clients are believed, as PEM; null: everybody's.</summary>
    public string? Roots { get; init; }

    public bool RequiresCertificate { get; init; } = true;

    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1AndHttp2;

    public SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    public RequestDelegate? Handle { get; init; }
}

/// <summary>
/// Kestrel with a certificate of a mesh, as a pod behind a sidecar looks to its callers: it requires certificates, judges them, and remembers what it saw.
/// </summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile SslStreamCertificateContext _certificate;
    private int _requests;
    private int _openConnections;

    private TlsServer(WebApplication app, MeshTestCertificate certificate)
    {
        _app = app;
        _certificate = Context(certificate);
    }

    public IPEndPoint EndPoint { get; private set; } = null!;

    public int Requests => Volatile.Read(ref _requests);

    public int OpenConnections => Volatile.Read(ref _openConnections);

    /// <summary>Everybody whose certificate was looked at, in order. Resumed sessions are not among them, for nothing is shown in those.</summary>
    public ConcurrentQueue<TlsClient> Clients { get; } = new();

    /// <summary>A server that answers with <paramref name="name"/>, and in <c>x-client</c> with the identity of the client.</summary>
    public static async Task<TlsServer> StartAsync(MeshTestCertificate certificate, TlsServerOptions? options = null, string name = "backend")
    {
        options ??= new TlsServerOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        TlsServer? server = null;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = options.Protocols;
            listen.Use(async (connection, next) =>
            {
                Interlocked.Increment(ref server!._openConnections);
                try
                {
                    await next();
                }
                finally
                {
                    Interlocked.Decrement(ref server._openConnections);
                }
            });
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = connection => new ValueTask<SslServerAuthenticationOptions>(server!.Options(options, connection.ClientHelloInfo)),
            });
        }));
        var app = builder.Build();
        server = new TlsServer(app, certificate);
        app.Run(async context =>
        {
            Interlocked.Increment(ref server._requests);
            if (context.Connection.ClientCertificate is { } client)
            {
                context.Response.Headers["x-client"] = IdentityOf(client);
            }

            await (options.Handle?.Invoke(context) ?? context.Response.WriteAsync(name));
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.EndPoint = new IPEndPoint(IPAddress.Loopback, new Uri(address).Port);
        return server;
    }

    /// <summary>From the next handshake on it is somebody else, or the same with a new certificate.</summary>
    public void Use(MeshTestCertificate certificate) => _certificate = Context(certificate);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await _app.DisposeAsync();
    }

    private static SslStreamCertificateContext Context(MeshTestCertificate certificate) =>
        SslStreamCertificateContext.Create(certificate.Certificate, [.. certificate.Chain], offline: true);

    private static string? IdentityOf(X509Certificate2 certificate) => CertificateNames.Of(certificate).Uris is [var uri] ? uri : null;

    private SslServerAuthenticationOptions Options(TlsServerOptions options, SslClientHelloInfo hello) => new()
    {
        ServerCertificateContext = _certificate,
        ClientCertificateRequired = options.RequiresCertificate,
        EnabledSslProtocols = options.Versions,
        ApplicationProtocols = Offered(options.Protocols),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => Judge(options, hello, certificate as X509Certificate2, chain),
    };

    private bool Judge(TlsServerOptions options, SslClientHelloInfo hello, X509Certificate2? certificate, X509Chain? chain)
    {
        Clients.Enqueue(certificate is null
            ? new TlsClient(null, "", hello.ServerName, 0)
            : new TlsClient(IdentityOf(certificate), certificate.SerialNumber, hello.ServerName, chain!.ChainPolicy.ExtraStore.Count));
        if (certificate is null)
        {
            return !options.RequiresCertificate;
        }

        if (options.Roots is null)
        {
            return true;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.CustomTrustStore.ImportFromPem(options.Roots);
        own.ChainPolicy.ExtraStore.AddRange(chain!.ChainPolicy.ExtraStore);
        return own.Build(certificate);
    }

    private static List<SslApplicationProtocol> Offered(HttpProtocols protocols) => protocols switch
    {
        HttpProtocols.Http1 => [SslApplicationProtocol.Http11],
        HttpProtocols.Http2 => [SslApplicationProtocol.Http2],
        _ => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
    };
}
