using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using MeshSdk.Compilation.Coexistence;
using MeshSdk.Compilation.Localities;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// The endpoints of one Service port, from all slices. The port is found by its <em>name</em>, slice by slice, since one name may stand for
/// different numbers in different slices.
/// </summary>
/// <remarks>
/// Endpoints stand in the order of their addresses (as numbers, the Service's preferred family first), then ports: an order that depends
/// on nothing but the set itself, so that an endpoint that moves from one slice to another does not move in the list.
/// </remarks>
internal sealed class EndpointBuilder(
    Service service, ImmutableArray<EndpointSlice> slices, EndpointWorkloads workloads, OutdatedEndpoints outdated, Places places,
    AmbientPeers ambient, DiagnosticList diagnostics)
{
    private readonly bool _prefersV6 = PrefersV6(service);
    private readonly ImmutableArray<EndpointSlice> _slices = OutdatedEndpoints.Drop(slices);

    public (ImmutableArray<EndpointModel> Endpoints, ImmutableArray<LocalityWeight> Weights) Build(ServicePort port, PortTls tls, LocalityPreference preference)
    {
        var found = new List<SliceSighting>();
        foreach (var slice in _slices)
        {
            Collect(slice, port, found);
        }

        SliceSighting.Merge(found, _prefersV6);
        var pods = found.ConvertAll(sighting => workloads.FindPod(sighting));
        var decisions = new List<EndpointTlsDecision>(found.Count);
        for (var i = 0; i < found.Count; i++)
        {
            decisions.Add(tls.Decide(found[i], pods[i]));
        }

        tls.Settle(CollectionsMarshal.AsSpan(decisions));
        for (var i = 0; i < found.Count; i++)
        {
            decisions[i] = ambient.Adjust(decisions[i], pods[i]);
        }

        if (outdated.StandInFor(_slices, port, tls, decisions, _prefersV6) is { } standIn)
        {
            return (standIn, []);
        }

        if (outdated.Concerns(_slices))
        {
            KeepProving(found, pods, decisions);
        }

        var located = found.Select((sighting, i) => PlaceOf(sighting, pods[i])).ToArray();
        var ranks = preference.Rank(located);
        if (ranks.Doubt is { } doubt && preference.Settings?.Source is { } source)
        {
            diagnostics.Warning(source.Subject, DiagnosticCode.Ignored, $"{source.Path}{doubt.Field}", $"for Service {service.ServiceId()}: {doubt.Message}");
        }

        var endpoints = ImmutableArray.CreateBuilder<EndpointModel>(found.Count);
        for (var i = 0; i < found.Count; i++)
        {
            var sighting = found[i];
            var (workload, serviceAccount) = workloads.Of(sighting, pods[i]);
            endpoints.Add(new EndpointModel(sighting.Address.Text, sighting.Port, sighting.Health)
            {
                PodId = sighting.Endpoint.TargetRef?.UidNumber ?? Guid.Empty,
                Workload = workload,
                ServiceAccount = serviceAccount,
                Locality = located[i].Locality,
                Priority = ranks.PriorityOf(i),
                IsExcluded = ranks.IsExcluded(i),
                Tls = decisions[i].Mode,
                TlsReason = decisions[i].Reason,
                SubjectAltNames = decisions[i].Identities,
                Withheld = decisions[i].Withheld,
                IsTunneled = decisions[i].IsCarried,
            });
        }

        return (endpoints.MoveToImmutable(), ranks.Weights);
    }

    /// <summary>Of endpoints that were last heard of too long ago those that prove who they are.</summary>
    private static void KeepProving(List<SliceSighting> found, List<Pod?> pods, List<EndpointTlsDecision> decisions)
    {
        for (var i = found.Count - 1; i >= 0; i--)
        {
            if (!OutdatedEndpoints.Proves(decisions[i]))
            {
                found.RemoveAt(i);
                pods.RemoveAt(i);
                decisions.RemoveAt(i);
            }
        }
    }

    private EndpointPlace PlaceOf(in SliceSighting sighting, Pod? pod) => new(
        sighting.Health,
        places.Of(sighting.Endpoint.Zone, sighting.Endpoint.NodeName, pod),
        sighting.Endpoint.NodeName ?? pod?.Spec.NodeName,
        sighting.Endpoint.Hints,
        pod?.Metadata.Labels);

    private void Collect(EndpointSlice slice, ServicePort port, List<SliceSighting> found)
    {
        if (slice.AddressType is not (null or "" or "IPv4" or "IPv6"))
        {
            diagnostics.Warning(
                slice, DiagnosticCode.UnsupportedValue, "addressType", $"endpoints of type {slice.AddressType} are left out; IPv4 and IPv6 are read");
            return;
        }

        var ports = slice.Ports.OrEmpty();
        for (var i = 0; i < ports.Length; i++)
        {
            if (ports[i] is null || !ServicePorts.IsTcp(ports[i].Protocol) || !Means(ports[i], port))
            {
                continue;
            }

            var number = ports[i].Port ?? NumberOf(port);
            if (ServicePorts.IsPort(number))
            {
                Collect(slice, number, found);
            }
            else
            {
                diagnostics.Error(slice, DiagnosticCode.UnsupportedValue, $"ports[{i}].port", $"{number} is no port");
            }
        }
    }

    private void Collect(EndpointSlice slice, int port, List<SliceSighting> found)
    {
        var version = long.TryParse(slice.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        var endpoints = slice.Endpoints.OrEmpty();
        for (var i = 0; i < endpoints.Length; i++)
        {
            // What further addresses of an endpoint mean is undefined.
            var addresses = (endpoints[i]?.Addresses).OrEmpty();
            if (addresses.IsEmpty)
            {
                diagnostics.Error(slice, DiagnosticCode.InvalidAddress, $"endpoints[{i}].addresses", "an endpoint needs an address");
            }
            else if (!PeerAddress.TryParse(addresses[0], out var address))
            {
                diagnostics.Error(slice, DiagnosticCode.InvalidAddress, $"endpoints[{i}].addresses[0]", $"'{addresses[0]}' is no IP address");
            }
            else
            {
                found.Add(new SliceSighting(address, port, HealthOf(endpoints[i].Conditions), version, found.Count, endpoints[i], slice));
            }
        }
    }

    private static bool Means(SlicePort candidate, ServicePort port) =>
        (candidate.Name ?? "") == (port.Name ?? "") || (candidate.Port is null && string.IsNullOrEmpty(candidate.Name));

    /// <summary>The number where a slice says that every port of its endpoints is meant.</summary>
    private static int NumberOf(ServicePort port) =>
        int.TryParse(port.TargetPort?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : port.Port;

    private static EndpointHealth HealthOf(EndpointConditions? conditions)
    {
        var ready = conditions?.Ready ?? true;
        if (ready)
        {
            return EndpointHealth.Ready;
        }

        return conditions is { Serving: true, Terminating: true } ? EndpointHealth.Terminating : EndpointHealth.Unready;
    }

    private static bool PrefersV6(Service service)
    {
        if (service.Spec.IpFamilies.OrEmpty() is [var family, ..])
        {
            return family == "IPv6";
        }

        var clusterIP = service.Spec.ClusterIPs.OrEmpty() is [var first, ..] ? first : service.Spec.ClusterIP;
        return PeerAddress.TryParse(clusterIP, out var address) && address.IsV6;
    }
}
