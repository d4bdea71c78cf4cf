using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>The server in a pod: says which version it is, and counts its calls.</summary>
internal sealed class BackendServer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private int _calls;

    private BackendServer(string text)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(context =>
        {
            Interlocked.Increment(ref _calls);
            return context.Response.WriteAsync(text, context.RequestAborted);
        });
    }

    public int Calls => Volatile.Read(ref _calls);

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public static async Task<BackendServer> StartAsync(string text)
    {
        var server = new BackendServer(text);
        await server._server.StartAsync(TestContext.Current.CancellationToken);
        server.Address = IPEndPoint.Parse(new Uri(server._server.Urls.Single()).Authority);
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
