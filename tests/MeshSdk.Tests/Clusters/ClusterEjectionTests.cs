using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Clusters;

/// <summary>What becomes of ejections in a cluster whose policy and endpoints change.</summary>
public sealed class ClusterEjectionTests : IDisposable
{
    private static readonly OutlierDetectionModel Detection = new() { Consecutive5xx = 2, MaxEjectionPercent = 100 };

    private readonly FakeTimeProvider _time = new();
    private readonly Ejections _ejections = new();
    private readonly ClusterState _cluster;

    public ClusterEjectionTests() => _cluster = new ClusterState(
        Snapshots.Cluster("backend"),
        new LoadBalancingPolicies(new Random(1)),
        new TransportSettings { Time = _time },
        new OutlierServices(new Random(1), _ejections, null));

    public void Dispose() => _cluster.Dispose();

    private void Apply(OutlierDetectionModel? detection, params EndpointModel[] endpoints) => _cluster.Apply(new ClusterModel
    {
        Id = _cluster.Id,
        Host = "backend",
        Endpoints = [.. endpoints],
        LoadBalancer = LoadBalancerKind.RoundRobin,
        OutlierDetection = detection,
    });

    private void Apply(OutlierDetectionModel? detection, params string[] addresses) => Apply(detection, [.. addresses.Select(static a => Snapshots.Endpoint(a))]);

    private static EndpointModel Pod(string address, int id) => Snapshots.Endpoint(address) with { PodId = id == 0 ? Guid.Empty : new Guid(id, 0, 0, new byte[8]) };

    private string Picks()
    {
        var picked = new SortedSet<string>();
        for (var i = 0; i < 20; i++)
        {
            Assert.True(_cluster.TryPick(out var endpoint, out _));
            picked.Add(endpoint.Model.Address[^1..]);
            endpoint.Release();
        }

        return string.Join(' ', picked);
    }

    private EndpointState Find(string last) => _cluster.Usable.Single(e => e.Model.Address.EndsWith(last, StringComparison.Ordinal));

    private static void Eject(EndpointState endpoint)
    {
        endpoint.Record(AttemptOutcomeKind.Answered, 500);
        endpoint.Record(AttemptOutcomeKind.Answered, 500);
        Assert.True(endpoint.IsEjected);
    }

    [Fact]
    public void The_next_pick_sees_an_ejection_and_a_return()
    {
        Apply(Detection, "10.0.0.1", "10.0.0.2", "10.0.0.3");
        Eject(Find("2"));
        Assert.Equal("1 3", Picks());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("1 2 3", Picks());
    }

    [Fact]
    public void A_cluster_without_a_policy_hears_of_nothing()
    {
        Apply(null, "10.0.0.1");
        Assert.Null(Find("1").Outcomes);
    }

    [Fact]
    public void Changes_of_policy_and_endpoints_keep_ejections()
    {
        Apply(Detection, "10.0.0.1", "10.0.0.2");
        Eject(Find("2"));
        Apply(Detection with { Consecutive5xx = 7, ErrorCodes = [404] }, "10.0.0.1", "10.0.0.2", "10.0.0.3");
        Assert.Equal("1 3", Picks());
        Apply(Detection, Snapshots.Endpoint("10.0.0.1"), Snapshots.Endpoint("10.0.0.2", EndpointHealth.Unready));
        Apply(Detection, "10.0.0.1", "10.0.0.2");
        Assert.Equal("1", Picks());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("1 2", Picks());
    }

    [Fact]
    public void A_policy_that_goes_lets_everybody_back()
    {
        Apply(Detection, "10.0.0.1", "10.0.0.2");
        Eject(Find("2"));
        Apply(null, "10.0.0.1", "10.0.0.2");
        Assert.Equal("1 2", Picks());
        Assert.Equal(0, _ejections.Count);
        Assert.Null(Find("2").Outcomes);
        Apply(Detection, "10.0.0.1", "10.0.0.2");
        Find("2").Record(AttemptOutcomeKind.Answered, 500);
        Assert.Equal("1 2", Picks());
    }

    [Fact]
    public void An_endpoint_that_comes_back_begins_anew()
    {
        Apply(Detection, "10.0.0.1", "10.0.0.2");
        Eject(Find("2"));
        Apply(Detection, "10.0.0.1");
        Assert.Equal(0, _ejections.Count);
        Apply(Detection, "10.0.0.1", "10.0.0.2");
        Assert.Equal("1 2", Picks());
    }

    [Fact]
    public void Another_pod_at_the_same_address_begins_anew_and_what_is_under_way_to_the_old_one_is_not_charged_to_it()
    {
        Apply(Detection, Pod("10.0.0.1", 1), Pod("10.0.0.2", 2));
        var old = Find("2");
        Assert.True(old.TryAcquire());
        Eject(old);

        Apply(Detection, Pod("10.0.0.1", 1), Pod("10.0.0.2", 3));
        Assert.Equal("1 2", Picks());
        var fresh = Find("2");
        Assert.NotSame(old, fresh);
        old.Record(AttemptOutcomeKind.Reset);
        old.Record(AttemptOutcomeKind.Reset);
        Assert.False(fresh.IsEjected);
        Assert.True(old.IsRetired);
        Assert.Equal(1, _cluster.Draining);
        old.Release();
        Assert.Equal(0, _cluster.Draining);
    }

    [Fact]
    public void A_pod_that_is_not_known_at_times_stays_the_same()
    {
        Apply(Detection, Pod("10.0.0.1", 1), Pod("10.0.0.2", 2));
        var endpoint = Find("2");
        Apply(Detection, Pod("10.0.0.1", 1), Pod("10.0.0.2", 0));
        Assert.Same(endpoint, Find("2"));
        Apply(Detection, Pod("10.0.0.1", 1), Pod("10.0.0.2", 2));
        Assert.Same(endpoint, Find("2"));
    }

    [Fact]
    public void A_cluster_that_is_gone_has_nobody_ejected()
    {
        Apply(Detection, "10.0.0.1", "10.0.0.2");
        Eject(Find("2"));
        _cluster.Retire();
        Assert.Equal(0, _ejections.Count);
        Apply(Detection, "10.0.0.1", "10.0.0.2");
        Assert.Equal("1 2", Picks());
    }

    [Fact]
    public async Task Nobody_is_picked_who_is_ejected_while_policies_and_endpoints_change()
    {
        Apply(Detection, "10.0.0.1", "10.0.0.2", "10.0.0.3");
        var bad = Find("3");
        Eject(bad);
        using var stop = new CancellationTokenSource();
        var picking = Task.Run(() =>
        {
            var picks = 0;
            while (!stop.IsCancellationRequested)
            {
                Assert.True(_cluster.TryPick(out var endpoint, out _));
                Assert.NotSame(bad, endpoint);
                endpoint.Release();
                picks++;
            }

            return picks;
        });
        for (var i = 0; i < 1000; i++)
        {
            Apply(Detection with { Consecutive5xx = 2 + (i % 3) }, "10.0.0.1", $"10.0.1.{i % 5}", "10.0.0.3");
            _cluster.Refresh();
        }

        await stop.CancelAsync();
        await picking;
        Assert.True(bad.IsEjected);
    }
}
