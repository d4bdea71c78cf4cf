using MeshSdk.Model;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Explain;

namespace MeshSdk.Tool.Describe;

/// <summary>Counts the endpoints behind a port, and says of each how it is spoken to and why.</summary>
internal sealed class EndpointDescriber(BackendExplainer backends, MeshSecurity security, UnknownPolicies unknown)
{
    /// <param name="cluster">Null: there is no such port.</param>
    public DescribedEndpoints Describe(ClusterModel? cluster)
    {
        var endpoints = cluster?.Endpoints ?? [];
        var policy = BackendExplainer.PolicyOf(cluster);
        var isUnknown = cluster is not null && unknown.LeaveTlsOpen(cluster.Id.ServiceId);
        return new DescribedEndpoints(
            endpoints.Length,
            Count(EndpointHealth.Ready),
            Count(EndpointHealth.Terminating),
            Count(EndpointHealth.Unready),
            [.. endpoints.Select(endpoint => isUnknown ? DescribeWithoutPolicy(endpoint) : Describe(endpoint, policy, cluster!.Tls))]);

        int Count(EndpointHealth health) => endpoints.Count(endpoint => endpoint.Health == health);
    }

    private DescribedEndpoint DescribeWithoutPolicy(EndpointModel endpoint)
    {
        var (address, health, locality, priority, weight, _, _) = backends.Explain(endpoint);
        return new DescribedEndpoint(address, health, locality, priority, weight, UnknownPolicies.Tls, "which policy applies is not known", []);
    }

    private DescribedEndpoint Describe(EndpointModel endpoint, ExplainedPolicy policy, ClusterTls? stated)
    {
        var (address, health, locality, priority, weight, tls, sans) = backends.Explain(endpoint);
        return new DescribedEndpoint(address, health, locality, priority, weight, tls, TlsReason.Of(endpoint.Tls, policy, stated, security), sans);
    }
}
