using System.Net;
using System.Text.Json;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Tool.Policies;

namespace MeshSdk.Tool.Explain;

/// <summary>Describes the backends of a rule: their shares, their endpoints, and what shapes the calls to them.</summary>
internal sealed class BackendExplainer(MeshSnapshot snapshot, MeshSecurity security, bool hasIdentity = false)
{
    public IReadOnlyList<ExplainedBackend> Explain(RouteRule rule, MeshRequest request)
    {
        var split = rule.Backends;
        if (split.Backends.IsEmpty)
        {
            return [];
        }

        var total = split.TotalWeight;
        return [.. split.Backends.Select(backend => Explain(backend, total, rule, request))];
    }

    private ExplainedBackend Explain(BackendModel backend, long total, RouteRule rule, MeshRequest request)
    {
        // A reference to another kind of object may bear the name of a service.
        var cluster = backend.LeadsSomewhere ? Find(backend.Cluster) : null;
        using var trial = new FilterTrial(request).Apply(rule.Filters).Apply(backend.Failure is null ? backend.Filters : []);
        var refusal = cluster is null ? null : WhyRefused(cluster);
        var own = backend.Failure?.Status
            ?? (cluster is null ? (int)HttpStatusCode.InternalServerError
                : trial.Status ?? (refusal is null ? null : (int)HttpStatusCode.ServiceUnavailable));
        var status = rule.Failure is { } failure && backend.Weight > 0 ? failure.Status : own;
        var location = status == trial.Status ? trial.Location : null;
        return new ExplainedBackend(
            backend.Cluster.Namespace,
            backend.Cluster.Service,
            backend.Cluster.Port == 0 ? null : backend.Cluster.Port,
            backend.Weight,
            total == 0 ? 0 : backend.Weight / (double)total,
            status,
            status is { } code && request.IsGrpc && location is null ? GrpcCall.StatusFor(code) : null,
            trial.Sent,
            ResponseHeaders.Of(backend.Filters, rule.Filters),
            location,
            location is null ? MirrorExplainer.Of(backend.Filters) : [],
            cluster is null ? [] : Explain(cluster),
            PolicyOf(cluster))
        {
            Problem = cluster is null ? ProblemOf(backend.Failure)
                : backend.HasBadFilters ? "filters that cannot be carried out"
                : trial.Status is null ? refusal
                : null,
        };
    }

    /// <summary>What is unknown may be all right, and is not to be mended in the route.</summary>
    private static string ProblemOf(RouteFailure? failure) => failure?.Reason switch
    {
        DiagnosticCode.PolicyUnknown => "policy unknown",
        DiagnosticCode.EndpointsUnknown => "endpoints unknown",
        DiagnosticCode.BackendUnknown => "not known whether it exists",
        _ => "invalid reference",
    };

    public ClusterModel? Find(ClusterId id) => snapshot.Services.TryGetValue(id.ServiceId, out var service)
        ? service.Clusters.FirstOrDefault(c => c.Id == id)
        : null;

    /// <summary>Why calls to a cluster are answered with 503; null where they can be sent.</summary>
    public string? WhyRefused(ClusterModel cluster) => ClusterRefusal.WhyNone(cluster, security, hasIdentity);

    /// <summary>The endpoints of a cluster, in its order.</summary>
    public IReadOnlyList<ExplainedEndpoint> Explain(ClusterModel cluster)
    {
        var use = new EndpointUse(cluster);
        return [.. cluster.Endpoints.Select(endpoint => Explain(endpoint, cluster.Tls) with { NotUsed = use.WhyNot(endpoint) })];
    }

    private ExplainedEndpoint Explain(EndpointModel endpoint, ClusterTls? clusterTls)
    {
        var tls = security == MeshSecurity.Off ? TlsMode.None : endpoint.Tls;
        return new ExplainedEndpoint(
            endpoint.HostPort,
            HealthOf(endpoint.Health),
            endpoint.Locality.ToString() is { Length: > 0 } locality ? locality : null,
            endpoint.Priority,
            endpoint.Weight,
            TlsReader.NameOf(tls),
            tls == TlsMode.None ? [] : TlsReader.NamesOf(endpoint, clusterTls))
        {
            Withheld = tls == TlsMode.None ? null : endpoint.Withheld,
        };
    }

    public static ExplainedPolicy PolicyOf(ClusterModel? cluster)
    {
        var policy = cluster?.Policy ?? ClusterPolicy.None;
        return new ExplainedPolicy(
            policy.Name is { } name ? new ExplainedObject(name.Namespace, name.Name) : null,
            PolicyReader.NameOf(cluster?.LoadBalancer ?? LoadBalancerKind.LeastRequest),
            policy.TlsMode,
            policy.OutlierDetection ?? UnstatedOutlierDetection(cluster),
            policy.ConnectionPool ?? UnstatedConnectionPool(cluster));
    }

    /// <summary>What the options of the mesh or an annotation of the Service say, no policy object states.</summary>
    private static JsonElement? UnstatedOutlierDetection(ClusterModel? cluster) =>
        cluster?.OutlierDetection is { } outliers ? PolicyJson.Of(PolicyReader.OutliersOf(outliers, cluster.Endpoints.Length)) : null;

    private static JsonElement? UnstatedConnectionPool(ClusterModel? cluster) =>
        cluster is not null && (cluster.Limits != ConnectionLimits.None || cluster.Connections != ConnectionSettings.Default)
            ? PolicyJson.Of(PolicyReader.PoolOf(cluster))
            : null;

    private static string HealthOf(EndpointHealth health) => health switch
    {
        EndpointHealth.Ready => "ready",
        EndpointHealth.Terminating => "terminating",
        _ => "unready",
    };
}
