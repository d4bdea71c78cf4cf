using System.Collections.Immutable;
using MeshSdk.Compilation.Coexistence;
using MeshSdk.Compilation.Localities;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// All of a service that does not depend on routes, with what it was made from: a change of a route, the most frequent one by far, leaves it
/// as it is, and the endpoints of a large service need not be built again for a new weight.
/// </summary>
internal sealed record ServiceCore(
    Service Service,
    ImmutableArray<TakenAddress> Taken,
    ImmutableArray<EndpointSlice> Slices,
    ImmutableArray<DestinationRule> Rules,
    ImmutableArray<BackendTlsPolicy> TlsPolicies,
    ImmutableArray<BackendTrafficPolicy> TrafficPolicies,
    long PodsVersion,
    ImmutableArray<UnknownScope?> Unknown,
    CallerPlace Place)
{
    /// <summary>Null where it has none.</summary>
    public Waypoint? Waypoint { get; private init; }

    /// <summary>Whether its endpoints are called in plaintext for want of an identity.</summary>
    public IdentityLack Lack { get; private init; }

    public required ImmutableArray<string> Hosts { get; init; }

    public required ImmutableArray<ServicePort> Ports { get; init; }

    public required ImmutableArray<ClusterModel> Clusters { get; init; }

    public required ImmutableArray<MeshDiagnostic> Diagnostics { get; init; }

    public bool IsMadeFrom(
        ResourceStore store, Service service, ImmutableArray<TakenAddress> taken, ImmutableArray<EndpointSlice> slices, ImmutableArray<DestinationRule> rules,
        ImmutableArray<UnknownScope?> unknown, CallerPlace place)
    {
        var id = service.ServiceId();
        if (!ReferenceEquals(Service, service) || !Taken.SequenceEqual(taken) || Slices != slices || Rules.Length != rules.Length
            || TlsPolicies != store.TlsPolicies.Of(id) || TrafficPolicies != store.TrafficPolicies.Of(id) || PodsVersion != store.PodsVersionOf(id) || !ReferenceEquals(Place, place)
            || Waypoint != Waypoint.Of(service, store.FindNamespace(id.Namespace))
            || !UnknownResolver.AreAlike(Unknown, unknown))
        {
            return false;
        }

        for (var i = 0; i < rules.Length; i++)
        {
            if (!ReferenceEquals(Rules[i], rules[i]))
            {
                return false;
            }
        }

        return true;
    }

    public static ServiceCore Compile(
        ResourceStore store,
        Service service,
        ImmutableArray<TakenAddress> taken,
        ImmutableArray<EndpointSlice> slices,
        ImmutableArray<DestinationRule> rules,
        ImmutableArray<UnknownScope?> unknown,
        string host,
        MeshViewpoint view,
        LocalityCache localities,
        CallerPlace place)
    {
        var diagnostics = new DiagnosticList();
        var ports = ServicePorts.Of(service, diagnostics);
        if (service.Spec.SessionAffinity == "ClientIP")
        {
            diagnostics.Warning(
                service, DiagnosticCode.NotImplemented, "spec.sessionAffinity",
                "ClientIP is what kube-proxy does for clients of the cluster IP; here a DestinationRule says it: consistentHash with useSourceIp");
        }

        var endpoints = new EndpointBuilder(
            service,
            slices,
            new EndpointWorkloads(name => store.FindPod(service.Metadata.Namespace, name)),
            new OutdatedEndpoints(service, taken, view.Options.VerifiesPeers, diagnostics),
            new Places(localities, store.FindNode),
            new AmbientPeers(place.Proxy),
            diagnostics);
        var locality = new LocalityCompiler(service, place, view.Defaults.Locality, diagnostics);
        var id = service.ServiceId();
        var policies = new PolicyCompiler(service, rules, view.Defaults, diagnostics);
        policies.Report(service, ports);
        var (tlsPolicies, trafficPolicies) = (store.TlsPolicies.Of(id), store.TrafficPolicies.Of(id));
        var security = new ClusterTlsCompiler(store, service, tlsPolicies, host, view, diagnostics);
        security.Report(ports);
        var retryBudget = new TrafficPolicyCompiler(diagnostics).Compile(id, trafficPolicies);
        var waypoint = WaypointPath.Of(store, service, view.Caller);
        var clusters = ImmutableArray.CreateBuilder<ClusterModel>(ports.Length);
        foreach (var port in ports)
        {
            if (!PortProtocol.IsSupported(port))
            {
                diagnostics.Warning(
                    service, DiagnosticCode.UnsupportedProtocol, $"spec.ports[{service.Spec.Ports.OrEmpty().IndexOf(port)}].appProtocol",
                    $"'{port.AppProtocol}' is not known; calls to the Service itself use HTTP/1.1, routes that lead to it answer 500");
            }

            if (waypoint?.ClusterOf(new ClusterId(id.Namespace, id.Name, port.Port), host, PortProtocol.Of(port)) is { } entry)
            {
                clusters.Add(entry);
                continue;
            }

            var policy = policies.Compile(port);
            var tls = security.Compile(port, policy);
            var (built, weights) = endpoints.Build(port, tls, locality.Compile(policy.Locality, policy.HasOutlierDetection));
            security.Report(port, tls, built);
            clusters.Add(policy.ApplyTo(new ClusterModel
            {
                Id = new ClusterId(id.Namespace, id.Name, port.Port),
                Host = host,
                Protocol = PortProtocol.Of(port),
                Endpoints = built,
                LocalityWeights = weights,
                RetryBudget = retryBudget,
                Tls = tls.Of(built),
            }) with { OutlierDetection = view.Options.Outliers.To(policy.OutlierDetection) });
        }

        return new ServiceCore(service, taken, slices, rules, tlsPolicies, trafficPolicies, store.PodsVersionOf(id), unknown, place)
        {
            Waypoint = Waypoint.Of(service, store.FindNamespace(id.Namespace)),
            Lack = security.Lack,
            Hosts = ServiceHosts.Of(service, taken, view.Caller, diagnostics),
            Ports = ports,
            Clusters = clusters.MoveToImmutable(),
            Diagnostics = diagnostics.ToImmutable(),
        };
    }
}
