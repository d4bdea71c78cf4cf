using System.Net;
using System.Net.Sockets;
using CanaryDemo.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace CanaryDemo;

/// <summary>The server of one pod: a real one, on an address of its own where the system has one to give. It answers mutual TLS and nothing else.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _server;

    private Backend(Pod pod, ServerCertificates certificates, WebApplication server)
    {
        Pod = pod;
        Certificates = certificates;
        _server = server;
    }

    public Pod Pod { get; }

    public ServerCertificates Certificates { get; }

    /// <summary>
    /// Not every system has loopback addresses beside 127.0.0.1: where <paramref name="preferred"/> cannot be had, the backend gets a free port there.
    /// </summary>
    public static async Task<Backend> StartAsync(string version, IPAddress preferred, Agent agent, CancellationToken cancellationToken)
    {
        var certificates = new ServerCertificates(agent.Add($"backend-{version}"));
        try
        {
            return await StartAsync(new Pod(version, new IPEndPoint(preferred, CanaryDemo.Pod.ContainerPort)), certificates, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return await StartAsync(new Pod(version, new IPEndPoint(IPAddress.Loopback, 0)), certificates, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<Backend> StartAsync(Pod pod, ServerCertificates certificates, CancellationToken cancellationToken)
    {
        // The empty builder reads no configuration file and no environment variable that would bend the demo.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(pod.Address, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(certificates.ForNextConnection()),
        })));
        var server = builder.Build();
        server.Run(context => context.Response.WriteAsync(pod.Hello, context.RequestAborted));
        try
        {
            await server.StartAsync(cancellationToken);
            return new Backend(pod with { Address = IPEndPoint.Parse(new Uri(server.Urls.Single()).Authority) }, certificates, server);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
