using BenchmarkDotNet.Attributes;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Load;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Benchmarks.LoadBalancing;

/// <summary>The choice of an endpoint by each policy; it should cost about the same however many there are.</summary>
public class PickBenchmark
{
    private static readonly HttpRequestMessage Request = new(HttpMethod.Get, "http://backend/") { Headers = { { "x-user", "user-42" } } };
    private EndpointSelection _selection = null!;

    [Params(
        "RoundRobin", "Random", "LeastRequest", "RingHash", "Maglev", "RoundRobin weighted", "Random weighted", "LeastRequest weighted",
        "RoundRobin two priorities", "RoundRobin localities", "BackendUtilization", "BackendUtilization reported")]
    public string Policy { get; set; } = "";

    [Params(5, 100, 1000)]
    public int Endpoints { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var words = Policy.Split(' ', 2);
        var model = BalancedCluster.Model(Enum.Parse<LoadBalancerKind>(words[0]));
        var endpoints = BenchmarkMesh.Endpoints(Endpoints);
        for (var i = 0; i < endpoints.Length; i++)
        {
            Change(endpoints[i], i, words.ElementAtOrDefault(1));
        }

        if (words.ElementAtOrDefault(1) == "localities")
        {
            model = model with { LocalityWeights = [new LocalityWeight(BalancedCluster.Zone(0), 80), new LocalityWeight(BalancedCluster.Zone(1), 20)] };
        }

        _selection = BalancedCluster.Select(endpoints, model);
    }

    [Benchmark]
    public object Pick() => _selection.Pick(new PickContext(Request))!;

    // Without reports all take turns.
    private static void Report(EndpointState endpoint, int i)
    {
        var load = new EndpointLoad(TimeProvider.System, new LoadRules(BalancedCluster.Utilization));
        load.Hear(1 + (i % 5));
        endpoint.Loads = load;
    }

    private static void Change(EndpointState endpoint, int i, string? what)
    {
        switch (what)
        {
            case "weighted":
                endpoint.Model = endpoint.Model with { Weight = 1 + (i % 5) };
                break;
            case "reported":
                Report(endpoint, i);
                break;
            case "two priorities":
                endpoint.Model = endpoint.Model with { Priority = i % 2 };
                endpoint.IsEjected = i % 4 == 0; // half of the first priority: the other one helps
                break;
            case "localities":
                endpoint.Model = endpoint.Model with { Locality = BalancedCluster.Zone(i % 2) };
                break;
        }
    }
}
