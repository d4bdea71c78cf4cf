using BenchmarkDotNet.Attributes;
using MeshSdk.Routing;

namespace MeshSdk.Benchmarks.Routing;

/// <summary>The choice of a backend: short periods are permuted, long ones walk around a circle.</summary>
public class WeightedSplitBenchmark
{
    private WeightedSplit _split = null!;

    [Params("90/10", "1/1/1", "999983/17")]
    public string Weights { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _split = new WeightedSplit([.. Weights.Split('/').Select(int.Parse)], new Random(1));

    [Benchmark]
    public int Next() => _split.Next();
}
