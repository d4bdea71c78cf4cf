using BenchmarkDotNet.Attributes;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Benchmarks.LoadBalancing;

/// <summary>What a change of an endpoint's health costs; nobody waits for it but who brings the news.</summary>
public class RebuildBenchmark
{
    private EndpointState[] _endpoints = null!;
    private ClusterModel _model = null!;
    private ILoadBalancingPolicy _policy = null!;

    [Params("RoundRobin", "LeastRequest", "RingHash", "Maglev")]
    public string Policy { get; set; } = "";

    [Params(5, 1000)]
    public int Endpoints { get; set; }

    [Params(1024, 1_000_000)]
    public int RingSize { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _endpoints = BenchmarkMesh.Endpoints(Endpoints);
        _model = BalancedCluster.Model(Enum.Parse<LoadBalancerKind>(Policy));
        _model = _model with { Hash = _model.Hash! with { RingSize = RingSize } };
        _policy = BalancedCluster.Policies.Create(_model);
    }

    [Benchmark]
    public object Rebuild() => EndpointSelection.Of(_endpoints, _model, _policy, Random.Shared);
}
