using MeshSdk.Model;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Policies;

namespace MeshSdk.Tool.Describe;

/// <summary>Counts the endpoints behind a port, and says of each how it is spoken to and why.</summary>
internal sealed class EndpointDescriber(BackendExplainer backends, MeshSecurity security, UnknownPolicies unknown)
{
    /// <param name="cluster">Null: there is no such port.</param>
    public DescribedEndpoints Describe(ClusterModel? cluster)
    {
        if (cluster is null)
        {
            return new DescribedEndpoints(0, 0, 0, 0, []);
        }

        var isUnknown = unknown.LeaveTlsOpen(cluster.Id.ServiceId);
        return new DescribedEndpoints(
            cluster.Endpoints.Length,
            Count(EndpointHealth.Ready),
            Count(EndpointHealth.Terminating),
            Count(EndpointHealth.Unready),
            [.. cluster.Endpoints.Zip(backends.Explain(cluster), (endpoint, explained) => Describe(explained, isUnknown ? null : TlsReason.Of(endpoint, security)))])
        {
            Priorities = [.. PrioritiesOf(cluster)],
            MayBeEjected = cluster.OutlierDetection is not null,
        };

        int Count(EndpointHealth health) => cluster.Endpoints.Count(endpoint => endpoint.Health == health);
    }

    private static IEnumerable<DescribedPriority> PrioritiesOf(ClusterModel cluster)
    {
        var use = new EndpointUse(cluster);
        return from endpoint in cluster.Endpoints
               where use.IsForCaller(endpoint)
               group endpoint by endpoint.Priority into priority
               orderby priority.Key
               select new DescribedPriority(
                   priority.Key,
                   priority.Count(),
                   priority.Count(static endpoint => endpoint.Health == EndpointHealth.Ready),
                   Ejected: 0,
                   use.LoadOf(priority.Key),
                   [.. priority.Select(static endpoint => endpoint.Locality.ToString()).Where(static name => name.Length > 0).Distinct()]);
    }

    /// <param name="explained">The endpoint.</param>
    /// <param name="tlsReason">Null: it cannot be told.</param>
    private static DescribedEndpoint Describe(ExplainedEndpoint explained, string? tlsReason)
    {
        var (address, health, locality, priority, weight, tls, sans) = explained;
        var described = tlsReason is null
            ? new DescribedEndpoint(address, health, locality, priority, weight, UnknownPolicies.Tls, "which policy applies is not known", [])
            : new DescribedEndpoint(address, health, locality, priority, weight, tls, tlsReason, sans);
        return described with { NotUsed = explained.NotUsed, Withheld = explained.Withheld };
    }
}
