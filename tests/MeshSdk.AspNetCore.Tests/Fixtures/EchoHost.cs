using System.Net;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>
/// A server of the mesh for callers of all kinds: one port for HTTP/1.1 and HTTP/2, one for HTTP/2 alone, HTTP and gRPC at both. Each answer says who
/// the server holds the caller for.
/// </summary>
internal sealed class EchoHost : IAsyncDisposable
{
    private EchoHost(WebApplication app, InMemorySource source, InMemoryCertificateSource identities, EchoApplication echo)
    {
        (App, Source, Identities, Echo) = (app, source, identities, echo);
        var ports = app.Urls.Select(static url => new IPEndPoint(IPAddress.Loopback, new Uri(url).Port)).ToArray();
        (Mixed, Http2Only, More) = (ports[0], ports[1], ports[2..]);
    }

    public WebApplication App { get; }

    /// <summary>The configuration of its mesh.</summary>
    public InMemorySource Source { get; }

    /// <summary>Who it is.</summary>
    public InMemoryCertificateSource Identities { get; }

    /// <summary>What it does with requests.</summary>
    public EchoApplication Echo { get; }

    /// <summary>Where HTTP/1.1 is spoken, and HTTP/2 to those who agree on it by ALPN.</summary>
    public IPEndPoint Mixed { get; }

    /// <summary>Where HTTP/2 is spoken by everyone.</summary>
    public IPEndPoint Http2Only { get; }

    /// <summary>What else the test has it listen at.</summary>
    public IReadOnlyList<IPEndPoint> More { get; }

    public static async Task<EchoHost> StartAsync(
        MeshTestCertificate identity,
        PeerAuthenticationMode mode = PeerAuthenticationMode.Permissive,
        string manifests = "",
        Action<MeshOptions>? mesh = null,
        Action<MeshServerOptions>? server = null,
        Action<WebApplication>? application = null,
        Action<IServiceCollection>? services = null,
        bool mapsGrpc = true,
        Action<KestrelServerOptions>? kestrel = null)
    {
        var source = new InMemorySource();
        if (manifests.Length > 0)
        {
            source.Apply(manifests);
        }

        var identities = new InMemoryCertificateSource(identity.ToIdentity());
        var echo = new EchoApplication();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseMeshIdentity(options =>
        {
            options.Mode = mode;
            server?.Invoke(options);
        }).ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http1AndHttp2);
            options.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
            kestrel?.Invoke(options);
        });
        builder.Services.AddRoutingCore();
        EchoGrpc.AddTo(builder.Services, echo);
        builder.Services.AddMesh(m => m.UseInMemory(source).Configure(options =>
        {
            options.Namespace = "shop";
            options.Labels["app"] = "backend";
            options.Identity.Source = identities;
            mesh?.Invoke(options);
        }));
        services?.Invoke(builder.Services);
        var app = builder.Build();
        application?.Invoke(app);
        if (mapsGrpc)
        {
            app.MapGrpcService<EchoGrpc.Service>();
        }

        echo.Map(app);
        await app.StartAsync();
        return new EchoHost(app, source, identities, echo);
    }

    public async ValueTask DisposeAsync()
    {
        Echo.End();

        // Callers that keep their connections would be waited for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await App.StopAsync(now.Token);
        await App.DisposeAsync();
    }
}
