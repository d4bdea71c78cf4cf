using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Tool.Policies;
using MeshSdk.Tool.Tests.Explain;

namespace MeshSdk.Tool.Tests.Policies;

public sealed class EndpointUseTests
{
    // Ready of all by priority, as 1/4; the share of each priority, '-' where nothing is ready.
    [Theory]
    [InlineData("1/1", "100")]
    [InlineData("1/3", "100")]
    [InlineData("0/3", "-")]
    [InlineData("5/7 2/2", "100 0")]
    [InlineData("2/3 1/1", "93 7")]
    [InlineData("1/2 1/1", "70 30")]
    [InlineData("0/2 1/1", "0 100")]
    [InlineData("1/4 1/4", "50 50")]
    [InlineData("1/5 1/5 1/1", "28 28 44")]
    [InlineData("1/5 1/5", "50 50")]
    [InlineData("1/10 1/10 1/10", "34 33 33")]
    [InlineData("0/1 0/1 1/10", "0 0 100")]
    [InlineData("0/2 0/2", "- -")]
    [InlineData("0/1 1/150 2/300", "0 34 66")]
    public void Priorities_take_what_1_4_times_their_healthy_share_covers(string healths, string loads)
    {
        var cluster = Cluster(healths);
        var use = new EndpointUse(cluster);

        Assert.Equal(
            loads.Split(' '),
            healths.Split(' ').Select((_, priority) => use.LoadOf(priority) is { } load ? load.ToString(CultureInfo.InvariantCulture) : "-"));
    }

    [Fact]
    public void Endpoints_that_get_nothing_have_their_reason()
    {
        var far = new Locality("far", "", "");
        var near = new Locality("near", "", "");
        EndpointModel[] endpoints =
        [
            Snapshots.Endpoint("10.0.0.1"),
            Snapshots.Endpoint("10.0.0.2", EndpointHealth.Unready),
            Snapshots.Endpoint("10.0.0.3", EndpointHealth.Terminating),
            Snapshots.Endpoint("10.0.0.4") with { Priority = 1 },
        ];
        Assert.Equal([null, "not ready", "shutting down, and others are ready", null], Reasons(endpoints));
        Assert.Equal(
            [null, null, "priorities before its own take all requests"],
            Reasons(Snapshots.Endpoint("10.0.0.1"), Snapshots.Endpoint("10.0.0.2"), Snapshots.Endpoint("10.0.0.3") with { Priority = 1 }));
        Assert.Equal(["not ready", null], Reasons(Snapshots.Endpoint("10.0.0.1", EndpointHealth.Unready), Snapshots.Endpoint("10.0.0.2", EndpointHealth.Terminating)));

        var weighted = Snapshots.Service("web", Snapshots.Endpoint("10.0.0.1") with { Locality = near }, Snapshots.Endpoint("10.0.0.2") with { Locality = far })
            .WithCluster(cluster => cluster with { LocalityWeights = [new LocalityWeight(near, 100)] }).Clusters[0];
        Assert.Equal([null, "its locality has no share"], weighted.Endpoints.Select(new EndpointUse(weighted).WhyNot));
    }

    [Fact]
    public void Endpoints_that_are_not_for_the_caller_are_as_good_as_not_there()
    {
        const string Reason = "not for callers of this locality or node";
        EndpointModel[] endpoints =
        [
            Snapshots.Endpoint("10.0.0.1") with { IsExcluded = true },
            Snapshots.Endpoint("10.0.0.2", EndpointHealth.Terminating) with { Priority = 1 },
            Snapshots.Endpoint("10.0.0.3", EndpointHealth.Terminating) with { Priority = 2 },
        ];
        Assert.Equal([Reason, null, "priorities before its own take all requests"], Reasons(endpoints));

        var cluster = Snapshots.Service("web", endpoints[0]).Clusters[0];
        Assert.False(new EndpointUse(cluster).IsAny);
        Assert.Equal("no usable endpoint", MeshSdk.Tool.Policies.ClusterRefusal.WhyNone(cluster, MeshSecurity.On, hasIdentity: true));
    }

    // Where health may be passed over, what is not ready is not counted at all.
    [Theory]
    [InlineData(0, 70)]
    [InlineData(40, 100)]
    public void Endpoints_that_are_not_ready_count_only_where_nothing_panics(int panicThreshold, int load)
    {
        var cluster = Cluster("1/2 1/1") with { PanicThreshold = panicThreshold };

        Assert.Equal((load, 100 - load), (new EndpointUse(cluster).LoadOf(0), new EndpointUse(cluster).LoadOf(1)));
    }

    private static IEnumerable<string?> Reasons(params EndpointModel[] endpoints)
    {
        var cluster = Snapshots.Service("web", endpoints).Clusters[0];
        return cluster.Endpoints.Select(new EndpointUse(cluster).WhyNot);
    }

    private static ClusterModel Cluster(string healths)
    {
        var endpoints = new List<EndpointModel>();
        foreach (var (text, priority) in healths.Split(' ').Select(static (text, priority) => (text.Split('/'), priority)))
        {
            var (ready, all) = (int.Parse(text[0], CultureInfo.InvariantCulture), int.Parse(text[1], CultureInfo.InvariantCulture));
            endpoints.AddRange(Enumerable.Range(0, all).Select(i =>
                Snapshots.Endpoint($"10.0.{priority}.{i}", i < ready ? EndpointHealth.Ready : EndpointHealth.Unready) with { Priority = priority }));
        }

        return Snapshots.Service("web", [.. endpoints]).Clusters[0];
    }
}
