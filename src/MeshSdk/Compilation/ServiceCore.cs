using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// All of a service that does not depend on routes, with what it was made from: a change of a route, the most frequent one by far, leaves it
/// as it is, and the endpoints of a large service need not be built again for a new weight.
/// </summary>
internal sealed record ServiceCore(
    Service Service, ImmutableArray<TakenAddress> Taken, ImmutableArray<EndpointSlice> Slices, ImmutableArray<DestinationRule> Rules, long PodsVersion)
{
    public required ImmutableArray<string> Hosts { get; init; }

    public required ImmutableArray<ServicePort> Ports { get; init; }

    public required ImmutableArray<ClusterModel> Clusters { get; init; }

    public required ImmutableArray<MeshDiagnostic> Diagnostics { get; init; }

    public bool IsMadeFrom(
        Service service, ImmutableArray<TakenAddress> taken, ImmutableArray<EndpointSlice> slices, ImmutableArray<DestinationRule> rules, long podsVersion)
    {
        if (!ReferenceEquals(Service, service) || !Taken.SequenceEqual(taken) || Slices != slices || Rules.Length != rules.Length
            || PodsVersion != podsVersion)
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
        string host,
        CallerContext caller,
        CompilerOptions options,
        LocalityCache localities)
    {
        var diagnostics = new DiagnosticList();
        var ports = ServicePorts.Of(service, diagnostics);
        var endpoints = new EndpointBuilder(
            service,
            slices,
            new EndpointWorkloads(name => store.FindPod(service.Metadata.Namespace, name)),
            new OutdatedEndpoints(service, taken, options.VerifiesPeers, diagnostics),
            localities,
            diagnostics);
        var policies = new PolicyCompiler(rules, options, diagnostics);
        var clusters = ImmutableArray.CreateBuilder<ClusterModel>(ports.Length);
        foreach (var port in ports)
        {
            if (!PortProtocol.IsSupported(port))
            {
                diagnostics.Warning(
                    service, DiagnosticCode.UnsupportedProtocol, $"spec.ports[{service.Spec.Ports.OrEmpty().IndexOf(port)}].appProtocol",
                    $"'{port.AppProtocol}' is not known; calls to the Service itself use HTTP/1.1, routes that lead to it answer 500");
            }

            var policy = policies.Compile(port.Port);
            clusters.Add(new ClusterModel
            {
                Id = new ClusterId(service.Metadata.Namespace, service.Metadata.Name, port.Port),
                Host = host,
                Protocol = PortProtocol.Of(port),
                Endpoints = endpoints.Build(port, policy.EndpointTls),
                LoadBalancer = policy.LoadBalancer,
                ConnectTimeout = policy.ConnectTimeout,
                Policy = policy.Stated,
            });
        }

        return new ServiceCore(service, taken, slices, rules, store.PodsVersionOf(service.ServiceId()))
        {
            Hosts = ServiceHosts.Of(service, taken, caller, diagnostics),
            Ports = ports,
            Clusters = clusters.MoveToImmutable(),
            Diagnostics = diagnostics.ToImmutable(),
        };
    }
}
