using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Telemetry;
using MeshSdk.Transport;
using MeshSdk.Transport.Lanes;

namespace MeshSdk.Clusters;

/// <summary>
/// What is under way to a cluster, against what may be. Made when a cluster first has limits, and kept as long as the cluster is: what is under way gives
/// back where it was counted, and limits that come and go find the counts as they are.
/// </summary>
internal sealed class ClusterLimits(ClusterId cluster, TransportSettings transport)
{
    private readonly ClusterLanes _lanes = new(cluster, transport.Breakers);
    private readonly RequestBreaker _requests = new();
    private readonly RetryLimit _retries = new(transport.Time);

    /// <summary>Null where requests are not counted.</summary>
    public RequestBreaker? Requests { get; private set; }

    /// <summary>Null where retries are not counted.</summary>
    public RetryLimit? Retries { get; private set; }

    /// <summary>Null where connections are not counted.</summary>
    public ClusterLanes? Lanes { get; private set; }

    /// <summary>What is under way at this moment, of that which is counted.</summary>
    public BreakerUse Use => new(_requests.Active, _lanes.Connections, _lanes.Pending, _retries.Active);

    /// <summary>Puts limits in force.</summary>
    public void Apply(ClusterModel model)
    {
        var limits = model.Limits;
        _requests.Limit = limits.MaxRequests ?? int.MaxValue;
        _lanes.Limits = limits;
        _retries.Limits = limits;
        Requests = limits is { MaxRequests: null, RetryShare: null } ? null : _requests;
        Retries = limits is { MaxRetries: null, RetryShare: null } ? null : _retries;
        Lanes = limits is { MaxConnections: null, MaxRequestsPerConnection: null }
            && (limits.MaxConcurrentStreams is null || model.Protocol == ClusterProtocol.Http1) ? null : _lanes;
        if (limits == ConnectionLimits.None)
        {
            Hide();
        }
        else
        {
            transport.Breakers?.Add(cluster, () => Use);
        }
    }

    /// <summary>The cluster has left the mesh.</summary>
    public void Hide() => transport.Breakers?.Remove(cluster);

    /// <summary>Whether one retry more may begin; where it may and <see cref="Retries"/> is not null, it is counted.</summary>
    public bool TryRetry(out RetryLimit? counted)
    {
        counted = Retries;
        if (counted is null || counted.TryEnter(_requests.Active + _lanes.Pending))
        {
            return true;
        }

        counted = null;
        CountOverflow(OverflowKind.Retries);
        return false;
    }

    public void CountOverflow(OverflowKind kind) => transport.Breakers?.Overflow(cluster, kind.ToString());
}
