using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Telemetry;

namespace MeshSdk.Http;

/// <summary>
/// Judges calls to hosts and ports that no frontend has. A mesh that loads nothing on demand and lets every name pass has no such policy at all, so
/// that it costs such a mesh nothing.
/// </summary>
internal sealed class OutboundPolicy(
    FrontendIndex frontends, ServiceNames names, Func<ServiceId, bool> isExternal, IServiceDiscovery? discovery, MeshOutbound outbound)
{
    // Each round follows a wait that ended, with everything in force that was waited for. More than one is a coincidence, many are a fault.
    private const int MaxRounds = 8;

    /// <summary>Whether it can be told at once that a URI without a frontend is none of the mesh.</summary>
    public bool PassesThrough(Uri uri) => Look(uri, out var known).PassesThrough && known is null;

    /// <summary>Finds out where a call goes, and waits where that is being looked for.</summary>
    public async ValueTask<CallTarget> FindAsync(Uri uri, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var target = Look(uri, out var known);
            if (known is null)
            {
                return target;
            }

            await known.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return GaveUp(uri);
    }

    /// <inheritdoc cref="FindAsync"/>
    public CallTarget Find(Uri uri, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var target = Look(uri, out var known);
            if (known is null)
            {
                return target;
            }

            known.Wait(cancellationToken);
        }

        return GaveUp(uri);
    }

    private CallTarget Look(Uri uri, out Task? known)
    {
        known = null;
        if (frontends.Find(uri) is { } frontend)
        {
            return new CallTarget(frontend);
        }

        // It may come into force between the two looks, and what is in force must not be called past its policies: so the last look is for it again.
        var target = Judge(uri, out known);
        return target.PassesThrough && known is null && frontends.Find(uri) is { } late ? new CallTarget(late) : target;
    }

    private CallTarget Judge(Uri uri, out Task? known)
    {
        known = null;
        if (frontends.FindService(uri) is { } service)
        {
            return outbound == MeshOutbound.AllowAny ? default : Unregistered(
                new ClusterId(service.Namespace, service.Name, 0), $"Service {service} has no port {uri.Port} that the mesh serves");
        }

        if (uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            return default;
        }

        var host = HostOf(uri);
        if (discovery is null)
        {
            return names.IsOfCluster(host) ? Absent(host) : default;
        }

        var demand = discovery.Demand(host);
        switch (demand.Knowledge)
        {
            case HostKnowledge.Pending:
                known = demand.Known;
                return default;
            case HostKnowledge.Unknown:
                return Unknown(host, demand.Reason);
            case HostKnowledge.Absent:
                return Absent(host);
            default:
                return default;
        }
    }

    private CallTarget Absent(string host)
    {
        if (outbound == MeshOutbound.AllowAny)
        {
            return default;
        }

        // An alias is a service of the cluster's, though DNS alone knows what is behind it.
        var service = names.ServiceOf(host);
        return service is { } id && isExternal(id)
            ? default
            : Unregistered(MeshTelemetry.BlackHole, service is null ? $"no Service has the name {host}" : $"there is no Service {service}");
    }

    // As a sidecar answers for its black hole.
    private static CallTarget Unregistered(ClusterId destination, string problem) => new(null, new OutboundRefusal(
        502, ResponseFlags.NoRoute, destination, $"{problem}, and Mesh:{nameof(MeshOptions.Outbound)} is {nameof(MeshOutbound.RegistryOnly)}"));

    // As a sidecar answers for a cluster that it has not been told of.
    private CallTarget Unknown(string host, string reason) => new(null, new OutboundRefusal(
        503, ResponseFlags.NoCluster, names.ServiceOf(host) is { } id ? new ClusterId(id.Namespace, id.Name, 0) : MeshTelemetry.BlackHole, reason));

    private CallTarget GaveUp(Uri uri) =>
        Unknown(HostOf(uri), $"{HostOf(uri)} was loaded {MaxRounds} times in a row and not there afterwards");

    private static string HostOf(Uri uri) => uri.IdnHost is var host && host.EndsWith('.') ? host[..^1] : host;
}
