using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.LoadBalancing;

public sealed class PolicyTests : IDisposable
{
    private readonly EndpointState[] _endpoints =
    [
        .. Enumerable.Range(1, 5).Select(static i => new EndpointState(Snapshots.Cluster("backend"), Snapshots.Endpoint($"10.0.0.{i}"), new TransportSettings())),
    ];

    public void Dispose() => Array.ForEach(_endpoints, static e => e.Dispose());

    private Dictionary<EndpointState, int> Pick(ILoadBalancingPolicy policy, int times)
    {
        var counts = _endpoints.ToDictionary(static e => e, static _ => 0);
        var picker = policy.Over(_endpoints);
        for (var i = 0; i < times; i++)
        {
            counts[picker.Pick()]++;
        }

        return counts;
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Round_robin_is_exact_at_every_moment(int endpoints)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var policy = new RoundRobinPolicy(new Random(seed));
            var candidates = _endpoints[..endpoints];
            var counts = new int[endpoints];
            for (var i = 0; i < 100; i++)
            {
                counts[Array.IndexOf(candidates, policy.Pick(candidates))]++;
                Assert.InRange(counts.Max() - counts.Min(), 0, 1);
            }
        }
    }

    [Fact]
    public async Task Round_robin_is_exact_among_parallel_callers()
    {
        var policy = new RoundRobinPolicy(new Random(1));

        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Pick(policy, 10_000))));

        Assert.All(_endpoints, e => Assert.Equal(8000, counts.Sum(c => c[e])));
    }

    [Fact]
    public void Round_robin_starts_anywhere()
    {
        var first = Enumerable.Range(0, 100).Select(seed => new RoundRobinPolicy(new Random(seed)).Pick(_endpoints)).Distinct();

        Assert.Equal(5, first.Count());
    }

    [Fact]
    public void Least_request_takes_the_less_busy_of_two()
    {
        _endpoints[0].TryAcquire();
        var policy = new LeastRequestPolicy(new Random(1));

        for (var i = 0; i < 100; i++)
        {
            Assert.Same(_endpoints[1], policy.Pick(_endpoints[..2]));
        }
    }

    [Fact]
    public void Least_request_spares_the_busiest_and_is_even_among_equals()
    {
        var policy = new LeastRequestPolicy(new Random(1));
        Assert.All(Pick(policy, 50_000).Values, static count => Assert.InRange(count, 9500, 10_500));

        _endpoints[3].TryAcquire();
        Assert.Equal(0, Pick(policy, 10_000)[_endpoints[3]]);
    }

    [Fact]
    public void Random_is_even() =>
        Assert.All(Pick(new RandomPolicy(new Random(1)), 50_000).Values, static count => Assert.InRange(count, 9500, 10_500));

    [Fact]
    public void Each_kind_has_its_policy_and_what_is_not_here_yet_is_least_request()
    {
        var policies = new LoadBalancingPolicies(new Random(1));

        Assert.IsType<RoundRobinPolicy>(policies.Create(Cluster(LoadBalancerKind.RoundRobin)));
        Assert.IsType<RandomPolicy>(policies.Create(Cluster(LoadBalancerKind.Random)));
        Assert.IsType<LeastRequestPolicy>(policies.Create(Cluster(LoadBalancerKind.LeastRequest)));
        Assert.IsType<LeastRequestPolicy>(policies.Create(Cluster(LoadBalancerKind.RingHash)));

        static ClusterModel Cluster(LoadBalancerKind kind) => new() { Id = Snapshots.Cluster("backend"), Host = "backend", Endpoints = [], LoadBalancer = kind };
    }
}
