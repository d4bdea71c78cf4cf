using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Routing;

public sealed class RouteBinderTests : IDisposable
{
    private readonly ClusterRegistry _clusters = new(new LoadBalancingPolicies(new Random(1)), new TransportSettings());

    public void Dispose() => _clusters.Dispose();

    private BoundRoutes Bind(BoundRoutes? previous, params RouteRule[] rules) =>
        RouteBinder.Bind(new FrontendModel(Snapshots.Cluster("backend"), RouteScope.Producer, Snapshots.Table(rules)), previous, _clusters.Get, new Random(1));

    [Fact]
    public void A_split_goes_on_where_the_weights_stay()
    {
        var old = Bind(null, Snapshots.Rule(("v1", 90), ("v2", 10)), Snapshots.Rule(("v1", 1), ("v2", 1)));
        var next = Bind(old, Snapshots.Rule(("v1", 90), ("v2", 10)) with { Name = "changed" }, Snapshots.Rule(("v1", 2), ("v2", 1)));

        Assert.Same(old.Rules[0].Split, next.Rules[0].Split);
        Assert.NotSame(old.Rules[1].Split, next.Rules[1].Split);
        Assert.Equal([2, 1], next.Rules[1].Split!.Weights.ToArray());
    }

    [Fact]
    public void A_split_does_not_go_on_among_other_backends()
    {
        var old = Bind(null, Snapshots.Rule(("v1", 90), ("v2", 10)));
        var next = Bind(old, Snapshots.Rule(("v1", 90), ("v3", 10)));

        Assert.NotSame(old.Rules[0].Split, next.Rules[0].Split);
    }

    [Fact]
    public void Every_binding_leads_to_the_same_clusters()
    {
        var old = Bind(null, Snapshots.Rule(("v1", 1)));
        var next = Bind(old, Snapshots.Rule(("v2", 1)), Snapshots.Rule(("v1", 1)));

        Assert.Same(old.Rules[0].Backends[0].Cluster, next.Rules[1].Backends[0].Cluster);
    }

    [Fact]
    public void A_rule_that_fails_needs_no_backend_and_no_weight()
    {
        var failure = new RouteFailure(500, "Broken");
        var bound = Bind(null, Snapshots.Rule() with { Failure = failure }, Snapshots.Rule(("v1", 0), ("v2", 0)) with { Failure = failure });

        Assert.All(bound.Rules, static r => Assert.Null(r.Split));
    }

    [Fact]
    public void An_index_goes_on_where_the_conditions_stay()
    {
        var rules = Enumerable.Range(0, 100).Select(static i => Snapshots.Rule(("v1", 90), ("v2", 10)) with { Index = i }).ToArray();
        var old = Bind(null, Conditions(rules), rules);
        var changed = rules.Select(static r => Snapshots.Rule(("v1", 80), ("v2", 20)) with { Index = r.Index }).ToArray();

        Assert.NotNull(old.All.Index);
        Assert.Same(old.All.Index, Bind(old, Conditions(changed), changed).All.Index);
        Assert.NotSame(old.All.Index, Bind(old, [.. Conditions(rules)[1..], new RouteMatch { Rule = 0 }], rules).All.Index);
        Assert.Null(Bind(old, rules[0]).All.Index);
    }

    [Fact]
    public void Splits_find_their_rules_where_these_have_moved()
    {
        var rules = Enumerable.Range(0, 50).Select(static i => Snapshots.Rule(("v1", 90 + i), ("v2", 10)) with
        {
            Route = new RouteId("HTTPRoute", "test", $"r{i}"),
        }).ToArray();
        var old = Bind(null, Conditions(rules), rules);
        var next = Bind(old, Conditions(rules), [.. rules.Reverse()]);

        for (var i = 0; i < rules.Length; i++)
        {
            Assert.Same(old.Rules[i].Split, next.Rules[^(i + 1)].Split);
        }
    }

    private BoundRoutes Bind(BoundRoutes? previous, RouteMatch[] matches, RouteRule[] rules) => RouteBinder.Bind(
        new FrontendModel(Snapshots.Cluster("backend"), RouteScope.Producer, new RouteTable([.. rules], [.. matches])), previous, _clusters.Get, new Random(1));

    private static RouteMatch[] Conditions(RouteRule[] rules) =>
        [.. rules.Select(static (_, i) => new RouteMatch { Rule = i, Path = new PathMatch(PathMatchKind.Prefix, $"/{i}"), Headers = [new("x", "1")] })];
}
