using MeshSdk.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Hosting;

/// <summary>
/// Looks, as soon as Kestrel listens, whether all of its endpoints go through the mesh. The defaults of endpoints are one delegate, which the application may
/// have set anew: what it listens at then would take no mutual TLS, and nobody would know.
/// </summary>
internal sealed partial class EndpointGuard(MeshServer server, IServer kestrel, ILogger<EndpointGuard> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var mode = server.Options.Mode;
        if (!server.Acceptor.HasSource && mode != PeerAuthenticationMode.Disable && !server.StandsAside)
        {
            LogWithoutIdentity(
                mode == PeerAuthenticationMode.Strict ? LogLevel.Error : LogLevel.Warning,
                server.Acceptor.Unavailable,
                mode == PeerAuthenticationMode.Strict ? "nobody is served" : "callers are served in plaintext alone");
        }

        return Task.CompletedTask;
    }

    /// <exception cref="InvalidOperationException">An endpoint does not go through the mesh.</exception>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Those of other servers, as of a test's in memory, are no endpoints of Kestrel.
        if (kestrel.GetType().Assembly != typeof(KestrelServerOptions).Assembly || kestrel.Features.Get<IServerAddressesFeature>() is not { } listening)
        {
            return Task.CompletedTask;
        }

        var known = server.Endpoints.Addresses();
        var http3 = server.Endpoints.Http3();
        var missing = listening.Addresses.Where(address => !known.ContainsKey(address) && !http3.Contains(address, StringComparer.OrdinalIgnoreCase)).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"{string.Join(", ", missing)} does not go through the mesh, though UseMeshIdentity() was called: the application calls ConfigureEndpointDefaults, "
                + "which takes the place of what the mesh has set there. Call UseMeshIdentity() on the endpoint in that delegate too: "
                + "kestrel.ConfigureEndpointDefaults(endpoint => { endpoint.UseMeshIdentity(); … })");
        }

        foreach (var (address, kind) in known)
        {
            if (kind == EndpointKind.OwnTls)
            {
                LogOwnTls(address);
            }
        }

        foreach (var address in http3)
        {
            LogHttp3(address);
        }

        foreach (var port in server.Options.PlaintextPorts.Where(port => !known.Keys.Any(address => PortOf(address) == port)))
        {
            LogNobodyListens(port);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static int? PortOf(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Port : null;

    [LoggerMessage(EventId = 1, EventName = "ServerWithoutIdentity", Message = "No connection of mutual TLS can be taken, and as long as the mode is not another {Consequence}: {Reason}")]
    private partial void LogWithoutIdentity(LogLevel level, string reason, string consequence);

    [LoggerMessage(
        2, LogLevel.Information, "At {Address} the application does TLS itself: to the mesh its callers are nobody, and are refused where mutual TLS is asked for.", EventName = "OwnTls")]
    private partial void LogOwnTls(string address);

    [LoggerMessage(
        4, LogLevel.Information,
        "At {Address} HTTP/3 is asked for, in which the mesh takes no part: its callers are nobody, and are refused where mutual TLS is asked for.", EventName = "Http3")]
    private partial void LogHttp3(string address);

    [LoggerMessage(3, LogLevel.Warning, "Mesh:Server:PlaintextPorts names {Port}, which nothing listens at.", EventName = "PlaintextPortUnused")]
    private partial void LogNobodyListens(int port);
}
