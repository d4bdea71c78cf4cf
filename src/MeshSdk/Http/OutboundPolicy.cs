using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Telemetry;

namespace MeshSdk.Http;

/// <summary>
/// Judges calls to hosts and ports that no frontend has. A mesh that loads nothing on demand and lets every name pass has no such policy at all, so
/// that it costs such a mesh nothing.
/// </summary>
internal sealed class OutboundPolicy(
    FrontendIndex frontends,
    ServiceNames names,
    NamedServices named,
    Func<ServiceId, bool> isExternal,
    IServiceDiscovery? discovery,
    MeshOutbound outbound,
    TimeProvider time)
{
    // Each round follows a wait that ended, with everything in force that was waited for. More than one is a coincidence, many are a fault.
    private const int MaxRounds = 8;

    /// <summary>Whether it can be told at once that a URI without a frontend is none of the mesh.</summary>
    public bool PassesThrough(Uri uri) => Look(uri, out var known).PassesThrough && known is null;

    /// <summary>Finds out where a call goes, and waits where that is being looked for.</summary>
    public async ValueTask<CallTarget> FindAsync(Uri uri, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var round = 0; round < MaxRounds; round++)
        {
            var target = Look(uri, out var known);
            if (known is null)
            {
                return target;
            }

            if (known.IsCompleted)
            {
                continue;
            }

            try
            {
                await known.WaitAsync(LeftSince(began), time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return Late(uri);
            }
        }

        return GaveUp(uri);
    }

    /// <inheritdoc cref="FindAsync"/>
    public CallTarget Find(Uri uri, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var round = 0; round < MaxRounds; round++)
        {
            var target = Look(uri, out var known);
            if (known is null)
            {
                return target;
            }

            if (!known.IsCompleted && !IsKnownInTime(known, LeftSince(began), cancellationToken))
            {
                return Late(uri);
            }
        }

        return GaveUp(uri);
    }

    // Ends on the thread that completes the task or the timer. A wait for a wait would need one from the pool, which may have none left where many
    // callers block.
    private bool IsKnownInTime(Task known, TimeSpan left, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(left, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            known.Wait(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            // In the caller's terms: of its token, not of the linked one.
            throw new OperationCanceledException(cancellationToken);
        }
    }

    // All rounds together: a call must not wait anew for each.
    private TimeSpan LeftSince(long began) =>
        discovery!.LongestWait - time.GetElapsedTime(began) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    private CallTarget Look(Uri uri, out Task? known)
    {
        known = null;
        if (frontends.Find(uri) is { } frontend)
        {
            return new CallTarget(frontend);
        }

        var target = Judge(uri, out known);
        return known is null ? Settle(uri, target) : target;
    }

    // It may have come into force since the first look. What is in force must not be called past its policies, nor refused for a port that it had not yet:
    // so the last look is for it again.
    private CallTarget Settle(Uri uri, CallTarget target) => frontends.Find(uri) is { } late ? new CallTarget(late) : target;

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
            return names.IsOfCluster(host) ? Absent(host, problem: null) : default;
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
                return Absent(host, problem: null);
            default:
                // What it does not serve, or what no Service is called: the name of a pod, say. DNS knows it, and nobody else can have given it.
                return names.HasSuffix(host) ? Absent(host, $"no Service that the mesh serves has the name {host}") : default;
        }
    }

    private CallTarget Absent(string host, string? problem)
    {
        if (outbound == MeshOutbound.AllowAny)
        {
            return default;
        }

        // An alias is a service of the cluster's, though DNS alone knows what is behind it.
        var service = names.ServiceOf(host);
        return service is { } id && isExternal(id)
            ? default
            : Unregistered(MeshTelemetry.BlackHole, problem ?? (service is null ? $"no Service has the name {host}" : $"there is no Service {service}"));
    }

    // As a sidecar answers for its black hole.
    private static CallTarget Unregistered(ClusterId destination, string problem) => new(null, new OutboundRefusal(
        502, ResponseFlags.NoRoute, destination, $"{problem}, and Mesh:{nameof(MeshOptions.Outbound)} is {nameof(MeshOutbound.RegistryOnly)}"));

    // As a sidecar answers for a cluster that it has not been told of. Counted under a name that the configuration has, or under nowhere: what can be
    // made up by callers must not become a series of its own.
    private CallTarget Unknown(string host, string reason) => new(null, new OutboundRefusal(
        503,
        ResponseFlags.NoCluster,
        names.ServiceOf(host) is { } id && named.Contains(id) ? new ClusterId(id.Namespace, id.Name, 0) : MeshTelemetry.BlackHole,
        reason));

    private CallTarget GaveUp(Uri uri) =>
        Settle(uri, Unknown(HostOf(uri), $"{HostOf(uri)} was loaded {MaxRounds} times in a row and not there afterwards"));

    private CallTarget Late(Uri uri) => Settle(uri, Unknown(
        HostOf(uri), $"{HostOf(uri)} is still being looked for after {discovery!.LongestWait.TotalSeconds:0.###} s; the control plane has not answered"));

    private static string HostOf(Uri uri) => uri.IdnHost is var host && host.EndsWith('.') ? host[..^1] : host;
}
