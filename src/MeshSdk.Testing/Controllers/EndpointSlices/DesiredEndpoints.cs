namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>What the slices of a Service should hold together: its pods' endpoints by the ports that they have.</summary>
internal static class DesiredEndpoints
{
    /// <param name="pods">Those that the Service selects.</param>
    /// <param name="zones">The zones of the nodes that have one.</param>
    /// <returns>The endpoints of one address family, in the order of <paramref name="pods"/>.</returns>
    public static Dictionary<SlicePorts, List<SliceEndpointView>> Of(
        ServiceView service, IEnumerable<PodView> pods, IReadOnlyDictionary<string, string> zones, string family)
    {
        var groups = new Dictionary<SlicePorts, List<SliceEndpointView>>();
        var common = SlicePorts.Of(service);
        foreach (var pod in pods)
        {
            if (pod.IsFinished || pod.AddressOf(family) is not { } address)
            {
                continue;
            }

            var ports = common is not null && pod.LocalPorts.IsEmpty ? common : SlicePorts.Of(service, pod);
            if (!groups.TryGetValue(ports, out var endpoints))
            {
                groups.Add(ports, endpoints = []);
            }

            endpoints.Add(Endpoint(service, pod, address, zones));
        }

        return groups;
    }

    private static SliceEndpointView Endpoint(ServiceView service, PodView pod, string address, IReadOnlyDictionary<string, string> zones)
    {
        var zone = pod.NodeName is { } node ? zones.GetValueOrDefault(node) : null;
        var ready = service.PublishNotReadyAddresses || (pod.IsReady && !pod.IsTerminating);

        // Hints are for those who look for ready endpoints; on the others they would only be one more reason to write.
        var (zoneHint, nodeHint) = (ready, service.TrafficDistribution) switch
        {
            (true, "PreferSameZone" or "PreferClose") => (zone, null),
            (true, "PreferSameNode") => (zone, pod.NodeName),
            _ => ((string?)null, (string?)null),
        };
        return new()
        {
            Address = address,
            Ready = ready,
            Serving = pod.IsReady,
            Terminating = pod.IsTerminating,
            NodeName = pod.NodeName,
            Zone = zone,

            // The pod's own DNS name exists only in the Service that its subdomain names.
            Hostname = pod.Subdomain == service.Name ? pod.Hostname : null,
            PodNamespace = pod.Namespace,
            PodName = pod.Name,
            PodUid = pod.Uid,
            HintZone = zoneHint,
            HintNode = nodeHint,
        };
    }
}
