using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Routing;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Http;

/// <summary>
/// Tells of calls to a service of the mesh at a port that it does not have: they are left to DNS, which knows no ports, and fail there in words that say
/// nothing of the mesh, or pass its policies by. Once for each port.
/// </summary>
internal sealed partial class UnservedPorts(FrontendIndex frontends, ILogger log)
{
    // Callers can make up ports.
    private const int Most = 100;

    private readonly ConcurrentDictionary<(ServiceId Service, int Port), bool> _told = new();

    /// <summary>A call goes past the mesh.</summary>
    public void Notice(Uri? uri)
    {
        if (uri is { IsAbsoluteUri: true } && frontends.FindService(uri) is { } service && _told.Count < Most && _told.TryAdd((service, uri.Port), true))
        {
            LogUnserved(log, uri.Authority, service, uri.Port, string.Join(", ", frontends.PortsOf(uri)));
        }
    }

    [LoggerMessage(
        1, LogLevel.Warning,
        "Calls to {Authority} are left to DNS and pass by the mesh: Service {Service} has no port {Port} that the mesh serves, but {Ports}. This is said once.",
        EventName = "PortNotServed")]
    private static partial void LogUnserved(ILogger log, string authority, ServiceId service, int port, string ports);
}
