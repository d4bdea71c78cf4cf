using BenchmarkDotNet.Attributes;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Benchmarks.LoadBalancing;

/// <summary>The choice of an endpoint by each policy; it should cost the same however many there are.</summary>
public class PickBenchmark
{
    private EndpointState[] _endpoints = null!;
    private ILoadBalancingPolicy _policy = null!;

    [Params("RoundRobin", "LeastRequest", "Random")]
    public string Policy { get; set; } = "";

    [Params(5, 100, 1000)]
    public int Endpoints { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _endpoints = BenchmarkMesh.Endpoints(Endpoints);
        _policy = new LoadBalancingPolicies(Random.Shared).Create(Enum.Parse<LoadBalancerKind>(Policy));
    }

    [Benchmark]
    public object Pick() => _policy.Pick(_endpoints);
}
