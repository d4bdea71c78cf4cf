using BenchmarkDotNet.Attributes;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Model;

namespace MeshSdk.Benchmarks.Routing;

/// <summary>
/// What a live source answers, where services are loaded on demand, to those who ask for hosts without a frontend: a part of each call to a host that is
/// none of the cluster's.
/// </summary>
public class DemandBenchmark
{
    private readonly HostAnswers _hosts = new("default", ["shop"], "cluster.local", TimeProvider.System, new Random(1), static (_, _) => { });

    [GlobalSetup]
    public void Setup() => _hosts.Settle(new ServiceId("shop", "absent"), HostAnswer.Absent(long.MaxValue, TimeSpan.FromSeconds(5)));

    [Benchmark(Description = "foreign: api.example.com")]
    public bool Foreign() => _hosts.Demand("api.example.com").Knowledge == HostKnowledge.Foreign;

    [Benchmark(Description = "foreign, shaped like service.namespace: github.com")]
    public bool ForeignOfTwoLabels() => _hosts.Demand("github.com").Knowledge == HostKnowledge.Foreign;

    [Benchmark(Description = "an address: 10.1.2.3")]
    public bool Address() => _hosts.Demand("10.1.2.3").Knowledge == HostKnowledge.Foreign;

    [Benchmark(Description = "of the cluster, not served: a.b.svc.cluster.local")]
    public bool NotServed() => _hosts.Demand("a.b.svc.cluster.local").Knowledge == HostKnowledge.Foreign;

    [Benchmark(Description = "of the cluster, known to be absent: absent.shop")]
    public bool Absent() => _hosts.Demand("absent.shop").Knowledge == HostKnowledge.Foreign;
}
