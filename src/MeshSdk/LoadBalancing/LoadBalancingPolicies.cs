using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.LoadBalancing.Load;
using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Model;

namespace MeshSdk.LoadBalancing;

/// <summary>Makes the policy that a cluster asks for.</summary>
/// <param name="random">Chance, for many threads.</param>
/// <param name="time">The clock of the clusters; null for the system's.</param>
/// <param name="address">The caller's own IP address, which hashing by source address looks at; null: it is looked for when it is needed.</param>
internal sealed class LoadBalancingPolicies(Random random, TimeProvider? time = null, string? address = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public Random Random => random;

    /// <remarks>
    /// Passing through means in a proxy to dial the address that the caller dialled. Nobody has dialled one here: a name was called, whose address is
    /// that of the service, behind which the node chooses a pod at random, or for a headless service that of any of its pods. So a pod is chosen at random
    /// here as well. Dialling the service's address instead would add a hop and take away what belongs to an endpoint, its identity for TLS above all.
    /// </remarks>
    public ILoadBalancingPolicy Create(ClusterModel cluster) => cluster.LoadBalancer switch
    {
        LoadBalancerKind.RoundRobin => new RoundRobinPolicy(random, WarmUp.Of(cluster.SlowStart, _time)),
        LoadBalancerKind.Random or LoadBalancerKind.PassThrough => new RandomPolicy(random),
        LoadBalancerKind.RingHash when cluster.Hash is { } hash => new HashPolicy(Hash(hash), h => new HashRing(h, hash.RingSize, HashModel.LargestRing)),
        LoadBalancerKind.Maglev when cluster.Hash is { } hash => new HashPolicy(Hash(hash), h => new MaglevTable(h, hash.TableSize)),
        LoadBalancerKind.BackendUtilization when cluster.BackendUtilization is { } utilization =>
            new BackendUtilizationPolicy(utilization, random, _time, WarmUp.Of(cluster.SlowStart, _time)),
        _ => new LeastRequestPolicy(random, WarmUp.Of(cluster.SlowStart, _time)),
    };

    /// <summary>Whether a policy that was made for one model does for another.</summary>
    public static bool IsSame(ClusterModel a, ClusterModel b) =>
        a.LoadBalancer == b.LoadBalancer && a.Hash == b.Hash && a.SlowStart == b.SlowStart && a.BackendUtilization == b.BackendUtilization;

    private RequestHash Hash(HashModel model) => RequestHash.Of(model, address, random);
}
