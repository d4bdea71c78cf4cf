using MeshSdk.LoadBalancing.Priorities;
using MeshSdk.Model;

namespace MeshSdk.Tool.Policies;

/// <summary>Why requests would not go to an endpoint of a cluster, as long as nobody has ejected any.</summary>
internal sealed class EndpointUse
{
    private readonly ClusterModel _cluster;
    private readonly bool _anyReady;
    private readonly Dictionary<int, int> _loads = [];

    public EndpointUse(ClusterModel cluster)
    {
        _cluster = cluster;
        EndpointModel[] own = [.. cluster.Endpoints.Where(IsForCaller)];
        _anyReady = own.Any(static endpoint => endpoint.Health == EndpointHealth.Ready);
        var priorities = own
            .Where(endpoint => _anyReady ? HostSet.Counts(endpoint, cluster.PanicThreshold) : endpoint.Health == EndpointHealth.Terminating)
            .GroupBy(static endpoint => endpoint.Priority)
            .OrderBy(static group => group.Key)
            .Select(group => (group.Key, Health: new PriorityHealth(group.Count(IsUsable), group.Count())))
            .ToArray();
        if (priorities.Length == 0)
        {
            return;
        }

        var loads = PriorityLoads.Of(Array.ConvertAll(priorities, static priority => priority.Health), cluster.PanicThreshold);
        for (var i = 0; i < loads.Length; i++)
        {
            _loads.Add(priorities[i].Key, loads[i].Percent);
        }
    }

    /// <summary>Whether there is one that requests would go to.</summary>
    public bool IsAny => _loads.Count > 0;

    /// <summary>Whether an endpoint is one of those among which health decides. The others are as good as not there.</summary>
    public bool IsForCaller(EndpointModel endpoint) => !endpoint.IsExcluded && HasShare(endpoint);

    /// <summary>How many of a hundred requests go to endpoints of a priority; null where none of them can be used anywhere.</summary>
    public int? LoadOf(int priority) => _loads.TryGetValue(priority, out var load) ? load : null;

    /// <summary>Null: they would.</summary>
    public string? WhyNot(EndpointModel endpoint) => endpoint switch
    {
        { IsExcluded: true } => "not for callers of this locality or node",
        { Health: EndpointHealth.Unready } => "not ready",
        { Health: EndpointHealth.Terminating } when _anyReady => "shutting down, and others are ready",
        _ when !HasShare(endpoint) => "its locality has no share",
        _ when LoadOf(endpoint.Priority) == 0 => "priorities before its own take all requests",
        _ => null,
    };

    private bool IsUsable(EndpointModel endpoint) => !_anyReady || endpoint.Health == EndpointHealth.Ready;

    private bool HasShare(EndpointModel endpoint) =>
        _cluster.LocalityWeights.IsEmpty || _cluster.LocalityWeights.Any(weight => weight.Locality == endpoint.Locality && weight.Weight > 0);
}
