using CsCheck;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.LoadBalancing;

/// <summary>Each policy on its own, over endpoints that are all healthy.</summary>
public sealed class PolicyTests
{
    private readonly EndpointState[] _endpoints = Endpoints.Ready(5);

    private int[] Count(ILoadBalancingPolicy policy, int picks)
    {
        var picker = policy.Over(_endpoints);
        return _endpoints.Counts(picks, () => picker.Pick(0));
    }

    [Fact]
    public void Round_robin_is_exact_at_every_moment() => Gen.Select(Gen.Int[2, 40], Gen.Int).Sample(static (count, seed) =>
    {
        var endpoints = Endpoints.Ready(count);
        var picker = new RoundRobinPolicy(new Random(seed)).Over(endpoints);
        var counts = new int[count];
        for (var i = 0; i < 3 * count; i++)
        {
            counts[Array.IndexOf(endpoints, picker.Pick(0))]++;
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }
    }, iter: 50);

    [Fact]
    public async Task Round_robin_is_exact_among_parallel_callers()
    {
        var picker = new RoundRobinPolicy(new Random(1)).Over(_endpoints);

        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _endpoints.Counts(10_000, () => picker.Pick(0)))));

        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(8000, counts.Sum(c => c[i])));
    }

    [Fact]
    public void Round_robin_starts_anywhere()
    {
        var first = Enumerable.Range(0, 100).Select(seed => new RoundRobinPolicy(new Random(seed)).Over(_endpoints).Pick(0)).Distinct();

        Assert.Equal(5, first.Count());
    }

    [Fact]
    public void Round_robin_goes_on_where_the_picker_before_it_was()
    {
        var policy = new RoundRobinPolicy(new Random(1));
        EndpointPicker? picker = null;
        var counts = _endpoints.Counts(50, () => (picker = policy.Over(HostGroup.Of(_endpoints), picker)).Pick(0));

        Assert.All(counts, static count => Assert.Equal(10, count));
    }

    [Fact]
    public void Round_robin_by_weight_is_exact_in_each_period() => Gen.Select(Gen.Int[1, 50].Array[2, 12], Gen.Int).Sample(static (weights, seed) =>
    {
        var endpoints = Endpoints.Weighted(weights);
        var picker = new RoundRobinPolicy(new Random(seed)).Over(endpoints);
        for (var period = 0; period < 2; period++)
        {
            Assert.Equal(weights, endpoints.Counts(weights.Sum(), () => picker.Pick(0)));
        }
    }, iter: 50);

    [Fact]
    public async Task Round_robin_by_weight_is_exact_among_parallel_callers()
    {
        var endpoints = Endpoints.Weighted(1, 2, 5);
        var picker = new RoundRobinPolicy(new Random(1)).Over(endpoints);

        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => endpoints.Counts(8000, () => picker.Pick(0)))));

        Assert.Equal([4000, 8000, 20_000], Enumerable.Range(0, 3).Select(i => counts.Sum(c => c[i])));
    }

    [Fact]
    public void Least_request_is_even_among_equals() =>
        Assert.All(Count(new LeastRequestPolicy(new Random(1)), 50_000), static count => Assert.InRange(count, 9500, 10_500));

    [Fact]
    public void Least_request_takes_the_less_busy_of_two_and_a_busy_one_only_where_it_is_drawn_twice()
    {
        _endpoints[3].TryAcquire();

        var counts = Count(new LeastRequestPolicy(new Random(1)), 50_000);

        Assert.InRange(counts[3], 1800, 2200); // 1 of 25
    }

    // Requests stay open; what is drawn, and what is picked. The sequence is that of gRPC's test of the same policy.
    [Fact]
    public void Least_request_draws_twice_and_keeps_the_first_unless_the_second_has_strictly_fewer()
    {
        var endpoints = _endpoints[..3];
        var picker = new LeastRequestPolicy(new ScriptedRandom(0, 0, 0, 1, 1, 2, 0, 3, 1, 0, 2, 0, 0, 0, 2, 2, 2, 1)).Over(endpoints);

        var picks = Enumerable.Range(0, 9).Select(_ =>
        {
            var pick = picker.Pick(0);
            pick.TryAcquire();
            return Array.IndexOf(endpoints, pick);
        });

        Assert.Equal([0, 1, 2, 0, 1, 2, 0, 2, 1], picks);
    }

    // As gRPC tests it: 50 requests stay on two endpoints; a third one that comes then gets the next 25.
    [Fact]
    public void Least_request_fills_up_a_newcomer()
    {
        foreach (var endpoint in _endpoints[..2])
        {
            Enumerable.Range(0, 25).ToList().ForEach(_ => endpoint.TryAcquire());
        }

        var picker = new LeastRequestPolicy(new ScriptedRandom([.. Enumerable.Range(0, 50).Select(static i => i % 2 == 0 ? 0 : 2)])).Over(_endpoints[..3]);
        for (var i = 0; i < 25; i++)
        {
            var pick = picker.Pick(0);
            pick.TryAcquire();
            Assert.Same(_endpoints[2], pick);
        }
    }

    [Fact]
    public void Least_request_by_weight_counts_requests_against_the_weight()
    {
        var endpoints = Endpoints.Weighted(2, 4, 1);
        Assert.Equal([2000, 4000, 1000], Shares());

        endpoints[0].TryAcquire(); // 2/2, 4/2, 1/1
        endpoints[1].TryAcquire();
        Assert.Equal([1750, 3500, 1750], Shares());

        int[] Shares()
        {
            var picker = new LeastRequestPolicy(new Random(1)).Over(endpoints);
            return [.. endpoints.Counts(7000, () => picker.Pick(0)).Select(static count => (int)Math.Round(count / 10.0) * 10)];
        }
    }

    [Fact]
    public void Random_is_even() => Assert.All(Count(new RandomPolicy(new Random(1)), 50_000), static count => Assert.InRange(count, 9500, 10_500));

    [Fact]
    public void Random_goes_by_weight()
    {
        var endpoints = Endpoints.Weighted(1, 0, 8); // 0 is no weight, and counts as 1
        var picker = new RandomPolicy(new Random(1)).Over(endpoints);

        var counts = endpoints.Counts(50_000, () => picker.Pick(0));

        Assert.InRange(counts[0], 4600, 5400);
        Assert.InRange(counts[1], 4600, 5400);
    }

    [Theory]
    [InlineData(nameof(LoadBalancerKind.RoundRobin), typeof(RoundRobinPolicy))]
    [InlineData(nameof(LoadBalancerKind.Random), typeof(RandomPolicy))]
    [InlineData(nameof(LoadBalancerKind.PassThrough), typeof(RandomPolicy))]
    [InlineData(nameof(LoadBalancerKind.LeastRequest), typeof(LeastRequestPolicy))]
    [InlineData(nameof(LoadBalancerKind.RingHash), typeof(HashPolicy))]
    [InlineData(nameof(LoadBalancerKind.Maglev), typeof(HashPolicy))]
    public void Each_kind_has_its_policy(string kind, Type policy) => Assert.IsType(policy, new LoadBalancingPolicies(new Random(1)).Create(Cluster(kind)));

    [Fact]
    public void A_policy_stays_while_its_part_of_the_model_says_the_same()
    {
        var cookie = new HashModel(HashSource.Cookie, "user") { Attributes = [("SameSite", "Strict")] };
        var model = Cluster(nameof(LoadBalancerKind.RingHash)) with { Hash = cookie };

        Assert.True(LoadBalancingPolicies.IsSame(model, model with { Hash = cookie with { Attributes = [("SameSite", "Strict")] }, PanicThreshold = 50 }));
        Assert.False(LoadBalancingPolicies.IsSame(model, model with { Hash = cookie with { Attributes = [("SameSite", "Lax")] } }));
        Assert.False(LoadBalancingPolicies.IsSame(model, model with { Hash = cookie with { RingSize = 2048 } }));
        Assert.False(LoadBalancingPolicies.IsSame(model, model with { SlowStart = new SlowStartModel(TimeSpan.FromSeconds(1)) }));
        Assert.False(LoadBalancingPolicies.IsSame(model, model with { LoadBalancer = LoadBalancerKind.Maglev }));
    }

    private static ClusterModel Cluster(string kind) => new()
    {
        Id = Snapshots.Cluster("backend"),
        Host = "backend",
        Endpoints = [],
        LoadBalancer = Enum.Parse<LoadBalancerKind>(kind),
        Hash = new HashModel(HashSource.Header, "user"),
    };
}
