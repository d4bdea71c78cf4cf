using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tests.Runtime;

/// <summary>A real server on a port of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestServer(WebApplication application)
    {
        _application = application;
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        EndPoint = new IPEndPoint(IPAddress.Loopback, new Uri(address).Port);
    }

    public IPEndPoint EndPoint { get; }

    public static async Task<TestServer> StartAsync(
        Action<WebApplication> configure, HttpProtocols protocols = HttpProtocols.Http1, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        services?.Invoke(builder.Services);
        var application = builder.Build();
        configure(application);
        await application.StartAsync();
        return new TestServer(application);
    }

    /// <summary>A server that answers every request with the same text.</summary>
    public static Task<TestServer> SayingAsync(string text, HttpProtocols protocols = HttpProtocols.Http1) =>
        StartAsync(app => app.Run(context => context.Response.WriteAsync(text)), protocols);

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
