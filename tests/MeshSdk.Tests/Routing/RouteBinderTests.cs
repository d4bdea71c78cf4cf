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
}
