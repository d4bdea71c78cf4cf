using MeshSdk.Model;

namespace MeshSdk.Tool.Policies;

/// <summary>Why requests would not go to an endpoint of a cluster, as long as nobody has ejected any.</summary>
internal sealed class EndpointUse
{
    private readonly ClusterModel _cluster;
    private readonly bool _anyReady;
    private readonly IReadOnlyDictionary<int, int> _loads;

    public EndpointUse(ClusterModel cluster)
    {
        _cluster = cluster;
        _anyReady = cluster.Endpoints.Any(static endpoint => endpoint.Health == EndpointHealth.Ready);
        _loads = PriorityLoads.Of(cluster.Endpoints);
    }

    /// <summary>How many of a hundred requests go to endpoints of a priority; null where none is ready.</summary>
    public int? LoadOf(int priority) => _loads.TryGetValue(priority, out var load) ? load : null;

    /// <summary>Null: they would.</summary>
    public string? WhyNot(EndpointModel endpoint) => endpoint switch
    {
        { Health: EndpointHealth.Unready } => "not ready",
        { Health: EndpointHealth.Terminating } when _anyReady => "shutting down, and others are ready",
        _ when !_cluster.LocalityWeights.IsEmpty && !_cluster.LocalityWeights.Any(weight => weight.Locality == endpoint.Locality && weight.Weight > 0) =>
            "its locality has no share",
        { Health: EndpointHealth.Ready } when LoadOf(endpoint.Priority) == 0 => "priorities before its own take all requests",
        _ => null,
    };
}
