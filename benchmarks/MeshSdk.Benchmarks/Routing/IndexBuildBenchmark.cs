using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using MeshSdk.Model;
using MeshSdk.Routing.Matching;

namespace MeshSdk.Benchmarks.Routing;

/// <summary>What a new table of 1,000 rules costs when it is put in force, and one in which only weights have changed.</summary>
public class IndexBuildBenchmark
{
    private readonly ImmutableArray<RouteMatch> _matches = RuleTables.Mixed(1000);
    private readonly ImmutableArray<RouteMatch> _same = [.. RuleTables.Mixed(1000).Select(static m => m with { Rule = m.Rule })];
    private MatchIndex _index = null!;

    [GlobalSetup]
    public void Setup() => _index = new MatchIndex(_matches);

    [Benchmark(Description = "built")]
    public object Built() => new MatchIndex(_matches);

    [Benchmark(Description = "recognised")]
    public bool Recognised() => _index.IsOf(_same);
}
