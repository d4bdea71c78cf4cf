using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Benchmarks.LoadBalancing;

/// <summary>What the benchmarks of load balancing have in common.</summary>
internal static class BalancedCluster
{
    public static LoadBalancingPolicies Policies { get; } = new(Random.Shared);

    public static BackendUtilizationModel Utilization { get; } = new() { StabilizationPeriod = TimeSpan.Zero };

    public static ClusterModel Model(LoadBalancerKind kind) => new()
    {
        Id = new ClusterId("default", "backend-v1", 80),
        Host = "backend-v1.default.svc.cluster.local",
        Endpoints = [],
        LoadBalancer = kind,
        Hash = new HashModel(HashSource.Header, "x-user"),
        BackendUtilization = Utilization,
    };

    public static Locality Zone(int number) => new("region", $"zone-{number}", "");

    public static EndpointSelection Select(EndpointState[] endpoints, ClusterModel model) =>
        EndpointSelection.Of(endpoints, model, Policies.Create(model), Random.Shared);
}
