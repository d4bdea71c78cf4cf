using System.Net;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>A server of the mesh on a port of its own, which tells callers what it makes of them.</summary>
internal sealed class MeshHost : IAsyncDisposable
{
    private MeshHost(WebApplication app, InMemorySource source, InMemoryCertificateSource identities) => (App, Source, Identities) = (app, source, identities);

    public WebApplication App { get; }

    /// <summary>The configuration of its mesh; empty at first.</summary>
    public InMemorySource Source { get; }

    /// <summary>Who it is.</summary>
    public InMemoryCertificateSource Identities { get; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => new(IPAddress.Loopback, new Uri(App.Urls.First()).Port);

    public static async Task<MeshHost> StartAsync(
        MeshTestCertificate identity,
        Action<MeshServerOptions>? configure = null,
        HttpProtocols protocols = HttpProtocols.Http1AndHttp2,
        string manifests = "",
        Action<MeshOptions>? mesh = null,
        Action<WebApplication>? application = null,
        Action<WebApplicationBuilder>? build = null)
    {
        var source = new InMemorySource();
        if (manifests.Length > 0)
        {
            source.Apply(manifests);
        }

        var identities = new InMemoryCertificateSource();
        identities.Update(identity.ToIdentity());
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseMeshIdentity(configure).ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = protocols));
        builder.Services.AddRoutingCore();
        builder.Services.AddMesh(m => m.UseInMemory(source).Configure(options =>
        {
            options.Namespace = "shop";
            options.Labels["app"] = "backend";
            options.Identity.Source = identities;
            mesh?.Invoke(options);
        }));
        build?.Invoke(builder);
        var app = builder.Build();
        if (application is null)
        {
            app.Run(static context => context.Response.WriteAsync(
                $"{context.Features.Get<IMeshPeerFeature>()?.Peer?.Id.ToString() ?? "plaintext"} {context.Request.Protocol} {context.Request.Scheme}"));
        }
        else
        {
            application(app);
        }

        await app.StartAsync();
        return new MeshHost(app, source, identities);
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
