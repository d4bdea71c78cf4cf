using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Clusters;

public sealed class ClusterStateTests : IDisposable
{
    private readonly ClusterState _cluster = new(Snapshots.Cluster("backend"), new LoadBalancingPolicies(new Random(1)), new TransportSettings());

    public void Dispose() => _cluster.Dispose();

    private void Apply(LoadBalancerKind kind, params EndpointModel[] endpoints) => _cluster.Apply(new ClusterModel
    {
        Id = _cluster.Id,
        Host = "backend",
        Endpoints = [.. endpoints],
        LoadBalancer = kind,
    });

    private void Apply(params string[] addresses) => Apply(LoadBalancerKind.RoundRobin, [.. addresses.Select(static a => Snapshots.Endpoint(a))]);

    private EndpointState Find(string address) => _cluster.Usable.Single(e => e.Model.Address == address);

    [Fact]
    public void Without_a_model_or_endpoints_there_is_nothing_to_pick()
    {
        Assert.False(_cluster.TryPick(out _, out _));
        Apply();
        Assert.False(_cluster.TryPick(out _, out _));
    }

    [Fact]
    public void A_pick_takes_a_lease()
    {
        Apply("10.0.0.1");
        Assert.True(_cluster.TryPick(out var endpoint, out var model));
        Assert.Same(_cluster.Model, model);
        Assert.Equal(1, endpoint.ActiveRequests);
    }

    [Theory]
    [InlineData(nameof(LoadBalancerKind.RoundRobin))]
    [InlineData(nameof(LoadBalancerKind.Random))]
    [InlineData(nameof(LoadBalancerKind.LeastRequest))]
    public void A_pick_for_a_retry_goes_to_those_that_were_not_tried_while_there_are_any(string kind)
    {
        Apply(Enum.Parse<LoadBalancerKind>(kind), [.. Enumerable.Range(1, 4).Select(static i => Snapshots.Endpoint($"10.0.0.{i}"))]);
        List<EndpointState> tried = [];
        for (var i = 0; i < 4; i++)
        {
            Assert.True(_cluster.TryPick(tried, out var endpoint, out var model));
            Assert.Same(_cluster.Model, model);
            Assert.Equal(1, endpoint.ActiveRequests);
            Assert.DoesNotContain(endpoint, tried);
            tried.Add(endpoint);
        }

        Assert.True(_cluster.TryPick(tried, out var again, out _));
        Assert.Contains(again, tried);
        Assert.Equal(2, again.ActiveRequests);
    }

    [Fact]
    public void A_pick_for_a_retry_sees_the_endpoints_of_now()
    {
        Apply("10.0.0.1", "10.0.0.2");
        EndpointState[] tried = [Find("10.0.0.1")];

        Apply("10.0.0.1");
        Assert.True(_cluster.TryPick(tried, out var only, out _));
        Assert.Same(tried[0], only);

        Apply("10.0.0.1", "10.0.0.3");
        Assert.True(_cluster.TryPick(tried, out var fresh, out _));
        Assert.Equal("10.0.0.3", fresh.Model.Address);

        Apply();
        Assert.False(_cluster.TryPick(tried, out _, out _));
    }

    [Fact]
    public void Endpoints_that_stay_keep_their_state()
    {
        Apply("10.0.0.1", "10.0.0.2");
        var stays = Find("10.0.0.2");
        Assert.True(stays.TryAcquire());

        Apply("10.0.0.2", "10.0.0.3");

        Assert.Same(stays, Find("10.0.0.2"));
        Assert.Equal(1, stays.ActiveRequests);
        Assert.False(stays.IsRetired);
    }

    [Fact]
    public void An_endpoint_that_goes_retires_and_one_that_comes_back_is_a_new_one()
    {
        Apply("10.0.0.1", "10.0.0.2");
        var gone = Find("10.0.0.1");

        Apply("10.0.0.2");
        Assert.True(gone.IsRetired);

        Apply("10.0.0.1", "10.0.0.2");
        Assert.NotSame(gone, Find("10.0.0.1"));
        Assert.False(Find("10.0.0.1").IsRetired);
    }

    public static TheoryData<string, string> Healths => new()
    {
        { "1=Ready 2=Ready", "1 2" },
        { "1=Ready 2=Terminating 3=Unready", "1" },
        { "1=Unready 2=Terminating 3=Terminating", "2 3" },
        { "1=Unready", "" },
    };

    [Theory]
    [MemberData(nameof(Healths))]
    public void Ready_ones_are_used_and_terminating_ones_where_there_are_none(string endpoints, string usable)
    {
        Apply(LoadBalancerKind.RoundRobin,
            [.. endpoints.Split(' ').Select(static e => Snapshots.Endpoint($"10.0.0.{e[0]}", Enum.Parse<EndpointHealth>(e[2..])))]);

        Assert.Equal(usable, string.Join(' ', _cluster.Usable.Select(static e => e.Model.Address[^1])));
    }

    [Fact]
    public void An_endpoint_that_is_not_ready_for_a_while_keeps_its_state()
    {
        Apply("10.0.0.1");
        var endpoint = Find("10.0.0.1");

        Apply(LoadBalancerKind.RoundRobin, Snapshots.Endpoint("10.0.0.1", EndpointHealth.Unready));
        Assert.Empty(_cluster.Usable);
        Assert.False(endpoint.IsRetired);

        Apply("10.0.0.1");
        Assert.Same(endpoint, Find("10.0.0.1"));
    }

    [Fact]
    public void Round_robin_goes_on_where_it_was()
    {
        Apply("10.0.0.1", "10.0.0.2", "10.0.0.3");
        var picked = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            Apply("10.0.0.1", "10.0.0.2", "10.0.0.3"); // a new policy would start anywhere
            Assert.True(_cluster.TryPick(out var endpoint, out _));
            picked.Add(endpoint.Name);
        }

        Assert.All(picked.GroupBy(static name => name), static g => Assert.Equal(10, g.Count()));
    }

    [Fact]
    public void News_of_health_is_in_force_when_the_cluster_has_looked_again()
    {
        Apply("10.0.0.1", "10.0.0.2");
        var ejected = Find("10.0.0.1");
        Assert.Equal(PickOutcome.Picked, Acquire());

        ejected.IsEjected = true;
        _cluster.Refresh();
        Assert.Equal(["10.0.0.2:80"], _cluster.Usable.Select(static e => e.Name));
        Assert.Equal(PickOutcome.NoEndpoint, Acquire()); // nor does a session lead there any more

        ejected.IsEjected = false;
        _cluster.Refresh();
        Assert.Equal(2, _cluster.Usable.Count);
        Assert.Equal(PickOutcome.Picked, Acquire());

        _cluster.Retire();
        _cluster.Refresh();
        Assert.Empty(_cluster.Usable);

        PickOutcome Acquire() => _cluster.TryAcquire(1, static (_, endpoint) => endpoint.Address[^1] - (ulong)'0', out var _, out var _);
    }

    [Fact]
    public async Task No_news_of_health_is_lost_among_others_and_new_models()
    {
        string[] addresses = [.. Enumerable.Range(1, 8).Select(static i => $"10.0.0.{i}")];
        Apply(addresses);
        var endpoints = _cluster.Usable.ToArray();
        var ejecting = endpoints.Select((endpoint, i) => Task.Run(() =>
        {
            for (var round = 0; round < 301 + (i % 2); round++)
            {
                endpoint.IsEjected = !endpoint.IsEjected;
                _cluster.Refresh();
                Assert.Equal(!endpoint.IsEjected, _cluster.Usable.Contains(endpoint));
            }
        })).ToArray();
        var applying = Task.Run(() =>
        {
            while (!Task.WhenAll(ejecting).IsCompleted)
            {
                Apply(addresses);
            }
        });
        await Task.WhenAll([.. ejecting, applying]);

        Assert.Equal(endpoints.Where(static (_, i) => i % 2 == 1), _cluster.Usable);
    }

    [Fact]
    public async Task News_that_could_not_be_put_in_force_come_with_the_next()
    {
        using var chance = new FailingOnce();
        using var cluster = new ClusterState(Snapshots.Cluster("backend"), new LoadBalancingPolicies(chance), new TransportSettings());
        cluster.Apply(new ClusterModel
        {
            Id = cluster.Id,
            Host = "backend",
            Endpoints = [.. Enumerable.Range(1, 4).Select(static i => Snapshots.Endpoint($"10.0.0.{i}") with { Priority = i / 4 })],
            LoadBalancer = LoadBalancerKind.RoundRobin,
        });
        var endpoints = cluster.Usable.ToArray();
        chance.Fail();

        // Both priorities get requests from now on, and begin anywhere.
        endpoints[0].IsEjected = true;
        var failing = Task.Run(cluster.Refresh);
        await chance.Asked.WaitAsync(TimeSpan.FromSeconds(30));
        endpoints[1].IsEjected = true;
        var next = Task.Run(cluster.Refresh);
        chance.LetGo();

        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        await next;
        Assert.Equal(endpoints[2..], cluster.Usable);
    }

    [Fact]
    public void A_cluster_that_leaves_the_mesh_retires_its_endpoints_and_may_come_back()
    {
        Apply("10.0.0.1");
        var endpoint = Find("10.0.0.1");

        _cluster.Retire();
        Assert.True(endpoint.IsRetired);
        Assert.Null(_cluster.Model);
        Assert.False(_cluster.TryPick(out _, out _));

        Apply("10.0.0.1");
        Assert.True(_cluster.TryPick(out _, out _));
    }

    [Fact]
    public void Disposal_closes_endpoints_that_are_draining_too()
    {
        var transport = new RecordingTransport();
        using var cluster = new ClusterState(
            Snapshots.Cluster("backend"), new LoadBalancingPolicies(new Random(1)), new TransportSettings { Factory = transport });
        foreach (var address in (string[])["10.0.0.1", "10.0.0.2"])
        {
            cluster.Apply(Model(address)); // the one before leaves the cluster, with a request on it
            Assert.True(cluster.TryPick(out var endpoint, out _));
            endpoint.Connections(HttpProtocol.Http1, TransportProfile.Default);
        }

        cluster.Retire();
        Assert.Equal(2, cluster.Draining);
        Assert.Equal([0, 0], transport.Handlers.Select(static h => h.Disposals));

        cluster.Dispose();

        Assert.Equal([1, 1], transport.Handlers.Select(static h => h.Disposals));
        Assert.Equal(0, cluster.Draining);
    }

    [Fact]
    public void An_endpoint_that_has_drained_is_forgotten()
    {
        var time = new FakeTimeProvider();
        using var cluster = new ClusterState(
            Snapshots.Cluster("backend"), new LoadBalancingPolicies(new Random(1)), new TransportSettings { Time = time, DrainTimeout = TimeSpan.FromMinutes(5) });
        cluster.Apply(Model("10.0.0.1"));
        Assert.True(cluster.TryPick(out var ends, out _));
        cluster.Apply(Model("10.0.0.2"));
        Assert.True(cluster.TryPick(out _, out _)); // never ends
        cluster.Apply(Model("10.0.0.3")); // has no request, and does not drain
        cluster.Apply(Model("10.0.0.4"));
        Assert.Equal(2, cluster.Draining);

        ends.Release();
        Assert.Equal(1, cluster.Draining);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, cluster.Draining);
    }

    private static ClusterModel Model(string address) =>
        new() { Id = Snapshots.Cluster("backend"), Host = "backend", Endpoints = [Snapshots.Endpoint(address)] };

    [Fact]
    public async Task Picks_while_endpoints_change_are_always_living_ones()
    {
        Apply("10.0.0.1", "10.0.0.2");
        var changes = 0;
        var picking = Enumerable.Range(0, 2).Select(caller => Task.Run(() =>
        {
            for (var picks = 0; picks < 10_000 || Volatile.Read(ref changes) < 1_000; picks++)
            {
                Assert.True(_cluster.TryPick(out var endpoint, out _));
                endpoint.Release();
            }
        })).ToArray();

        // As long as anybody picks, and so often that they meet.
        for (var i = 0; i < 1_000 || !Array.TrueForAll(picking, static caller => caller.IsCompleted); i++)
        {
            Apply($"10.0.0.{i % 3}", $"10.0.0.{(i + 1) % 3}");
            Volatile.Write(ref changes, i + 1);
        }

        await Task.WhenAll(picking);
        Assert.All(_cluster.Usable, static e => Assert.Equal(0, e.ActiveRequests));
    }

    // Chance that fails when a test lets it.
    private sealed class FailingOnce : Random, IDisposable
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _letGo = new();
        private int _fails;

        public Task Asked => _asked.Task;

        public void Fail() => _fails = 1;

        public void LetGo() => _letGo.Set();

        public override int Next()
        {
            if (Interlocked.Exchange(ref _fails, 0) == 0)
            {
                return 0;
            }

            _asked.SetResult();
            _letGo.Wait(TimeSpan.FromSeconds(30));
            throw new InvalidOperationException("no chance");
        }

        public void Dispose() => _letGo.Dispose();
    }
}
