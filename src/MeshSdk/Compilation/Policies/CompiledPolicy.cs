using MeshSdk.Compilation.Localities;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>What policies mean for one port of a service.</summary>
/// <param name="Balancer">How an endpoint is chosen.</param>
/// <param name="Pool">How connections are made and how many.</param>
/// <param name="Tls">Which TLS is asked for; null where nothing is said.</param>
/// <param name="Stated">What was stated, for people.</param>
internal sealed record CompiledPolicy(CompiledBalancer Balancer, CompiledPool Pool, StatedTls? Tls, ClusterPolicy Stated)
{
    /// <summary>Null: endpoints are used however they do.</summary>
    public OutlierDetectionModel? OutlierDetection { get; init; }

    /// <summary>See <see cref="ClusterModel.PanicThreshold"/>.</summary>
    public int PanicThreshold { get; init; }

    /// <summary>What it says of localities; null where it says nothing.</summary>
    public LocalityBlock? Locality { get; init; }

    /// <summary>Whether it says anything of endpoints that do badly, without which failover between localities has no effect.</summary>
    public bool HasOutlierDetection => OutlierDetection is not null;

    /// <summary>Puts all of it into a cluster that has its endpoints and the protocol of its port.</summary>
    public ClusterModel ApplyTo(ClusterModel cluster) => cluster with
    {
        Protocol = Pool.Protocol ?? cluster.Protocol,
        LoadBalancer = Balancer.Kind,
        Hash = Balancer.Hash,
        BackendUtilization = Balancer.BackendUtilization,
        SlowStart = Balancer.SlowStart,
        PanicThreshold = PanicThreshold,
        OutlierDetection = OutlierDetection,
        Limits = Pool.Limits,
        Connections = Pool.Connections,
        ConnectTimeout = Pool.ConnectTimeout,
        Policy = Stated,
    };
}
