using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Coexistence;

/// <summary>
/// How a service with a waypoint is called. In ambient mode by its cluster address: the proxy of the node leads that to the waypoint, which picks the endpoint,
/// splits, retries and authorizes, so that none of it is done here too. Where no call gets there it is refused, unless somebody allows it to go past.
/// </summary>
/// <param name="Waypoint">Where its policies are kept to.</param>
/// <param name="Address">The cluster address that leads there; null where none does.</param>
/// <param name="Refusal">What calls meet; null where they may be made.</param>
internal sealed record WaypointPath(Waypoint Waypoint, string? Address, RouteFailure? Refusal)
{
    /// <summary>Shared by all endpoints.</summary>
    private const string Reason = "its waypoint is reached by the cluster address, and ambient mode encrypts the way there";

    /// <summary>The calls go past the waypoint, as if there were none.</summary>
    public bool IsBypassed => Address is null && Refusal is null;

    /// <returns>Null where the service has no waypoint, or where that is a matter of the process's sidecar.</returns>
    public static WaypointPath? Of(ResourceStore store, Service service, CallerContext caller)
    {
        var proxy = caller.Proxy ?? LocalProxy.None;
        if (proxy.Kind == LocalProxyKind.Sidecar || Waypoint.Of(service, store.FindNamespace(service.Metadata.Namespace)) is not { } waypoint)
        {
            return null;
        }

        var address = proxy.Kind == LocalProxyKind.Ambient ? AddressOf(service, store.Addresses.TakenFrom(service)) : null;
        return new WaypointPath(waypoint, address, address is not null || caller.AllowsWaypointBypass ? null : Refuse(service, waypoint, proxy));
    }

    /// <summary>The service as calls meet it that the waypoint does everything for; null where it does not.</summary>
    public ClusterModel? ClusterOf(ClusterId id, string host, ClusterProtocol protocol) => Address is null ? null : new ClusterModel
    {
        Id = id,
        Host = host,
        Protocol = protocol,
        Endpoints = [new EndpointModel(Address, id.Port, EndpointHealth.Ready) { IsTunneled = true, TlsReason = Reason }],
    };

    public void Report(Service service, IReadOnlyCollection<RouteResource> routes, DiagnosticList diagnostics)
    {
        if (IsBypassed)
        {
            diagnostics.Warning(
                service, DiagnosticCode.WaypointBypassed, "",
                $"calls go past its {Waypoint} ({Waypoint.Label}), whose authorization policies do not count for them: Mesh:AllowWaypointBypass is set");
        }
        else if (Address is not null)
        {
            diagnostics.Info(
                service, DiagnosticCode.LeftToWaypoint, "",
                $"calls go to its cluster address {Address} and from there to its {Waypoint} ({Waypoint.Label}), which keeps to "
                + (routes.Count == 0 ? "its policies" : $"its policies and to {string.Join(", ", routes.Select(static route => route.ToString()).Order(StringComparer.Ordinal))}"));
        }
    }

    private static RouteFailure Refuse(Service service, Waypoint waypoint, LocalProxy proxy) => new(UnknownResolver.Status, DiagnosticCode.WaypointBypassed)
    {
        Message = $"Service {service.ServiceId()} has the {waypoint} ({waypoint.Label}), and no call of this process would get there: "
            + (proxy.Kind == LocalProxyKind.Ambient ? "the Service has no cluster address that leads to it" : $"it is not in ambient mode ({proxy.Evidence})")
            + ". Put its pod into ambient mode (Mesh:DataPlane=Ambient where that cannot be found out), or let calls go past the waypoint with Mesh:AllowWaypointBypass=true",
    };

    /// <summary>The first that is its own: the cluster states them in the order of its families.</summary>
    private static string? AddressOf(Service service, ImmutableArray<TakenAddress> taken)
    {
        foreach (var (text, _) in service.StatedAddresses())
        {
            if (PeerAddress.TryParse(text, out var address) && !taken.Any(lost => lost.Address == address.Text))
            {
                return address.Text;
            }
        }

        return null;
    }
}
