using BenchmarkDotNet.Attributes;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Routing.Matching;

namespace MeshSdk.Benchmarks.Routing;

/// <summary>
/// The rule for a request among many: as the data plane finds it, and by looking at one condition set after the other. <c>mixed</c> tables are 60 %
/// prefixes, 20 % exact paths, 15 % header sets on one path and 5 % patterns; <c>names</c> ask each for
/// another header.
/// </summary>
public class RuleTableBenchmark
{
    private RouteTable _table = null!;
    private MatchIndex? _index;
    private HttpRequestMessage _request = null!;

    [Params("mixed 1", "mixed 10", "mixed 20", "mixed 100", "mixed 1000", "headers 10", "headers 150", "names 150", "queries 150", "patterns 50")]
    public string Table { get; set; } = "";

    [Params("first", "last", "none")]
    public string Hit { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var parts = Table.Split(' ');
        var count = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        var matches = parts[0] switch
        {
            "headers" => RuleTables.Headers(count),
            "names" => RuleTables.Names(count),
            "queries" => RuleTables.Queries(count),
            "patterns" => RuleTables.Patterns(count),
            _ => RuleTables.Mixed(count),
        };
        _table = new RouteTable([.. matches.Select(static (_, i) => new RouteRule { Index = i, Backends = BackendSplit.None })], matches);
        _index = matches.Length < MatchIndex.FewestMatches ? null : new MatchIndex(matches);
        _request = RuleTables.RequestFor(Hit switch { "first" => matches[0], "last" => matches[^1], _ => null });
        if (Found() != Scanned() || Found() != (Hit switch { "first" => 0, "last" => matches.Length - 1, _ => RouteMatcher.NoMatch }))
        {
            throw new InvalidOperationException($"{Found()} was found, and {Scanned()}");
        }
    }

    [Benchmark(Baseline = true, Description = "found")]
    public int Found() => _index is null ? RouteMatcher.Match(_table, _request) : _index.Find(_request);

    [Benchmark(Description = "looked for one by one")]
    public int Scanned() => RouteMatcher.Match(_table, _request);
}
