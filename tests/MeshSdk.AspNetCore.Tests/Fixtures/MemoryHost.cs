using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>An application of the mesh over a <see cref="MemoryServer"/>, which answers with what it sees of the request.</summary>
internal sealed class MemoryHost : IAsyncDisposable
{
    private MemoryHost(WebApplication app, MemoryServer server) => (App, Server) = (app, server);

    public WebApplication App { get; }

    public MemoryServer Server { get; }

    public static async Task<MemoryHost> StartAsync(
        Action<MeshServerOptions>? configure = null,
        Action<MeshOptions>? mesh = null,
        MeshTestCertificate? identity = null,
        Action<IServiceCollection>? before = null,
        Action<IServiceCollection>? after = null,
        Action<WebApplication>? application = null,
        string[]? arguments = null)
    {
        var server = new MemoryServer();
        var builder = WebApplication.CreateBuilder(arguments ?? []);
        builder.Logging.ClearProviders();
        before?.Invoke(builder.Services);
        builder.WebHost.UseMeshIdentity(configure);
        builder.Services.AddMesh(m => m.UseInMemory(new InMemorySource()).Configure(options =>
        {
            options.Namespace = "shop";
            if (identity is not null)
            {
                var identities = new InMemoryCertificateSource();
                identities.Update(identity.ToIdentity());
                options.Identity.Source = identities;
            }

            mesh?.Invoke(options);
        }));
        after?.Invoke(builder.Services);
        builder.Services.AddSingleton<IServer>(server);
        var app = builder.Build();
        if (application is null)
        {
            app.Run(static context => context.Response.WriteAsync($"{context.Request.Scheme} {context.Request.Headers["x-forwarded-client-cert"]}"));
        }
        else
        {
            application(app);
        }

        await app.StartAsync();
        if (identity is not null)
        {
            await app.Services.GetRequiredService<Mesh>().Runtime.Identity.Store.GetAsync(CancellationToken.None);
        }

        return new MemoryHost(app, server);
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
