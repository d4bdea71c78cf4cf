using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace CanaryDemo;

/// <summary>The server of one pod: a real one, on an address of its own where the system has one to give.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _server;

    private Backend(Pod pod, WebApplication server)
    {
        Pod = pod;
        _server = server;
    }

    public Pod Pod { get; }

    /// <summary>
    /// Not every system has loopback addresses beside 127.0.0.1: where <paramref name="preferred"/> cannot be had, the backend gets a free port there.
    /// </summary>
    public static async Task<Backend> StartAsync(string version, IPAddress preferred, CancellationToken cancellationToken)
    {
        try
        {
            return await StartAsync(new Pod(version, new IPEndPoint(preferred, CanaryDemo.Pod.ContainerPort)), cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return await StartAsync(new Pod(version, new IPEndPoint(IPAddress.Loopback, 0)), cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<Backend> StartAsync(Pod pod, CancellationToken cancellationToken)
    {
        // The empty builder reads no configuration file and no environment variable that would bend the demo.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(pod.Address));
        var server = builder.Build();
        server.Run(context => context.Response.WriteAsync(pod.Hello, context.RequestAborted));
        try
        {
            await server.StartAsync(cancellationToken);
            return new Backend(pod with { Address = IPEndPoint.Parse(new Uri(server.Urls.Single()).Authority) }, server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
