using BenchmarkDotNet.Attributes;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;

namespace MeshSdk.Benchmarks.LoadBalancing;

/// <summary>The choice of an endpoint by each policy; it should cost the same however many there are.</summary>
public class PickBenchmark
{
    private static readonly HttpRequestMessage Request = new(HttpMethod.Get, "http://backend/");
    private IEndpointPicker _picker = null!;

    [Params("RoundRobin", "LeastRequest", "Random")]
    public string Policy { get; set; } = "";

    [Params(5, 100, 1000)]
    public int Endpoints { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var cluster = new ClusterModel
        {
            Id = new ClusterId("default", "backend-v1", 80),
            Host = "backend-v1.default.svc.cluster.local",
            Endpoints = [],
            LoadBalancer = Enum.Parse<LoadBalancerKind>(Policy),
        };
        _picker = new LoadBalancingPolicies(Random.Shared).Create(cluster).Over(BenchmarkMesh.Endpoints(Endpoints));
    }

    [Benchmark]
    public object Pick() => _picker.Pick(new PickContext(Request));
}
