using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Load;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.LoadBalancing.Load;

/// <summary>The policy within a cluster: which endpoints get what, and when.</summary>
public sealed class BackendUtilizationPolicyTests : IDisposable
{
    private static readonly HttpRequestMessage Request = new(HttpMethod.Get, "http://backend/");

    private readonly FakeTimeProvider _time = new();
    private readonly ClusterState _cluster;

    public BackendUtilizationPolicyTests() => _cluster = new ClusterState(
        Snapshots.Cluster("backend"), new LoadBalancingPolicies(new Random(1), _time), new TransportSettings { Time = _time });

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Endpoints_take_turns_until_two_weights_count()
    {
        Apply(3);
        Hear(0, 1);
        Pass(10);
        Assert.Equal([10, 10, 10], Counts(30));
        Hear(0, 1);
        Hear(1, 3);
        Pass(9.9);
        Assert.Equal([10, 10, 10], Counts(30));
        Pass(1);
        Assert.Equal([100, 300, 200], Counts(600), Near(2));
    }

    [Fact]
    public void One_to_ten_to_two_to_twenty()
    {
        Apply(4);
        HearAll(1, 10, 2, 20);
        Assert.Equal([100, 1000, 200, 2000], Counts(3300), Near(3));
    }

    [Fact]
    public void Weights_are_worked_out_once_in_an_update_period()
    {
        Apply(2, new BackendUtilizationModel { UpdatePeriod = TimeSpan.FromSeconds(5) });
        HearAll(1, 10);
        Assert.Equal([10, 100], Counts(110), Near(2));
        Hear(1, 1);
        Pass(4.9);
        Assert.Equal([10, 100], Counts(110), Near(2));
        Pass(0.1);
        Assert.Equal([50, 50], Counts(100));
    }

    [Fact]
    public void Who_stops_reporting_gets_the_mean_and_with_one_left_all_take_turns()
    {
        Apply(3, new BackendUtilizationModel { ExpirationPeriod = TimeSpan.FromSeconds(60) });
        HearAll(1, 3, 20);
        Pass(30);
        Hear(0, 1);
        Hear(1, 3);
        Pass(30);
        Assert.Equal([100, 300, 200], Counts(600), Near(2));
        Hear(1, 3);
        Pass(30);
        Assert.Equal([10, 10, 10], Counts(30));
    }

    [Fact]
    public void What_is_known_outlives_changes_of_other_endpoints_and_of_the_policy()
    {
        Apply(2);
        HearAll(1, 10);
        Apply(3);
        Assert.Equal([100, 1000, 550], Counts(1650), Near(3));
        Apply(3, new BackendUtilizationModel { UpdatePeriod = TimeSpan.FromSeconds(2) });
        Assert.Equal([100, 1000, 550], Counts(1650), Near(3));
    }

    [Fact]
    public void With_another_policy_nobody_listens_any_more()
    {
        Apply(2);
        HearAll(1, 10);
        _cluster.Apply(Model(2) with { LoadBalancer = LoadBalancerKind.RoundRobin, BackendUtilization = null });
        Assert.All(_cluster.Usable, static endpoint => Assert.Null(endpoint.Loads));
        Apply(2);
        Assert.Equal([10, 10], Counts(20));
    }

    [Fact]
    public void Who_was_ejected_is_believed_again_when_it_has_reported_for_a_while()
    {
        Apply(3);
        HearAll(1, 3, 20);
        Eject(2, true);
        Assert.Equal([100, 300, 0], Counts(400), Near(2));
        Eject(2, false);
        Assert.Equal([100, 300, 200], Counts(600), Near(2));
        Hear(2, 20);
        Pass(10);
        Assert.Equal([100, 300, 2000], Counts(2400), Near(3));
    }

    [Fact]
    public void Who_was_not_ready_is_believed_again_when_it_has_reported_for_a_while()
    {
        Apply(3);
        HearAll(1, 3, 20);
        _cluster.Apply(Model(3, (i, e) => i == 2 ? e with { Health = EndpointHealth.Unready } : e));
        Assert.Equal(2, _cluster.Usable.Count);
        Apply(3);
        Assert.Equal([100, 300, 200], Counts(600), Near(2));
    }

    [Fact]
    public void Stated_weights_count_as_long_as_no_reports_do()
    {
        _cluster.Apply(Model(2, static (i, e) => e with { Weight = i == 0 ? 3 : 1 }));
        Assert.Equal([300, 100], Counts(400), Near(2));
        HearAll(1, 10);
        Assert.Equal([10, 100], Counts(110), Near(2));
    }

    [Fact]
    public void Localities_get_their_share_and_endpoints_theirs_of_it()
    {
        _cluster.Apply(Model(4, static (i, e) => e with { Locality = new Locality("r", i < 2 ? "a" : "b", "") }) with
        {
            LocalityWeights = [new LocalityWeight(new Locality("r", "a", ""), 75), new LocalityWeight(new Locality("r", "b", ""), 25)],
        });
        HearAll(1, 10, 30, 10);
        Assert.Equal([300, 3000, 825, 275], Counts(4400), Near(3));
    }

    [Fact]
    public void A_newcomer_warms_up_to_the_mean()
    {
        Apply(2, slowStart: new SlowStartModel(TimeSpan.FromSeconds(60)));
        Pass(60);
        HearAll(10, 30);
        Apply(3, slowStart: new SlowStartModel(TimeSpan.FromSeconds(60)));
        Pass(6);
        Assert.Equal([100, 300, 20], Counts(420), Near(2));
        Pass(24);
        Assert.Equal([100, 300, 100], Counts(500), Near(2));
    }

    [Fact]
    public void A_retry_goes_to_who_was_not_tried()
    {
        Apply(3);
        HearAll(1, 1, 1000);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_cluster.TryPick(new PickContext(Request, [_cluster.Usable[2]]), out var lease, out _) == PickOutcome.Picked);
            Assert.NotSame(_cluster.Usable[2], lease!.Endpoint);
            lease.Release();
        }
    }

    [Fact]
    public void Picks_allocate_nothing()
    {
        Apply(5);
        HearAll(1, 2, 3, 4, 5);
        Counts(1000);
        var context = new PickContext(Request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _cluster.TryPick(context, out var lease, out _);
            lease!.Release();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Apply(int count, BackendUtilizationModel? utilization = null, SlowStartModel? slowStart = null) =>
        _cluster.Apply(Model(count) with { BackendUtilization = utilization ?? new BackendUtilizationModel(), SlowStart = slowStart });

    private static ClusterModel Model(int count, Func<int, EndpointModel, EndpointModel>? change = null) => new()
    {
        Id = Snapshots.Cluster("backend"),
        Host = "backend",
        Endpoints = [.. Endpoints.Models(count).Select((model, i) => change?.Invoke(i, model) ?? model)],
        LoadBalancer = LoadBalancerKind.BackendUtilization,
        BackendUtilization = new BackendUtilizationModel(),
    };

    private void Hear(int index, double weight) => ((EndpointLoad)_cluster.Usable[index].Loads!).Hear(weight);

    // So that all count.
    private void HearAll(params double[] weights)
    {
        foreach (var seconds in new[] { 10, 5 })
        {
            for (var i = 0; i < weights.Length; i++)
            {
                Hear(i, weights[i]);
            }

            Pass(seconds);
        }
    }

    private void Eject(int index, bool isEjected)
    {
        _endpoints = _endpoints.Length == 0 ? [.. _cluster.Usable] : _endpoints;
        var endpoint = _endpoints[index];
        endpoint.IsEjected = isEjected;
        _cluster.Refresh();
    }

    private EndpointState[] _endpoints = [];

    private int[] Counts(int picks)
    {
        if (_cluster.Usable.Count >= _endpoints.Length)
        {
            _endpoints = [.. _cluster.Usable];
        }

        return _endpoints.Counts(picks, () =>
        {
            Assert.Equal(PickOutcome.Picked, _cluster.TryPick(new PickContext(Request), out var lease, out _));
            lease!.Release();
            return lease.Endpoint;
        });
    }

    private void Pass(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    // Over a part of a cycle a share is exact but for a few.
    private static EqualityComparer<int> Near(int distance) => EqualityComparer<int>.Create((a, b) => Math.Abs(a - b) <= distance, static _ => 0);
}
