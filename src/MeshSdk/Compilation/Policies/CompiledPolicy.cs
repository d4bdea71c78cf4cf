using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>What policies mean for one port of a service.</summary>
/// <param name="Balancer">How an endpoint is chosen.</param>
/// <param name="Pool">How connections are made and how many.</param>
/// <param name="EndpointTls">Which TLS is asked for.</param>
/// <param name="Stated">What was stated, for people.</param>
internal sealed record CompiledPolicy(CompiledBalancer Balancer, CompiledPool Pool, TlsMode EndpointTls, ClusterPolicy Stated)
{
    /// <summary>Null: endpoints are used however they do.</summary>
    public OutlierDetectionModel? OutlierDetection { get; init; }

    /// <summary>See <see cref="ClusterModel.PanicThreshold"/>.</summary>
    public int PanicThreshold { get; init; }

    /// <summary>As the policy states it, else as the mesh does; of no existence where neither does.</summary>
    public PolicyBlock LocalityLbSetting { get; init; }

    /// <summary>Puts all of it into a cluster that has its endpoints and the protocol of its port.</summary>
    public ClusterModel ApplyTo(ClusterModel cluster) => cluster with
    {
        Protocol = Pool.Protocol ?? cluster.Protocol,
        LoadBalancer = Balancer.Kind,
        Hash = Balancer.Hash,
        SlowStart = Balancer.SlowStart,
        PanicThreshold = PanicThreshold,
        OutlierDetection = OutlierDetection,
        Limits = Pool.Limits,
        Connections = Pool.Connections,
        ConnectTimeout = Pool.ConnectTimeout,
        Policy = Stated,
    };
}
