using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.LoadBalancing.Weights;

public sealed class WarmUpTests
{
    private readonly FakeTimeProvider _time = new();

    private TransportSettings Settings => new() { Time = _time };

    private WarmUp Ramp(double seconds = 60, double minimum = 10, double aggression = 1) =>
        WarmUp.Of(new SlowStartModel(TimeSpan.FromSeconds(seconds), minimum, aggression), _time)!;

    // window, minimum, aggression, age → factor
    [Theory]
    [InlineData(60, 10, 1, 0, 0.1)]
    [InlineData(60, 10, 1, 6, 0.1)]
    [InlineData(60, 10, 1, 15, 0.25)]
    [InlineData(60, 10, 1, 30, 0.5)]
    [InlineData(60, 10, 1, 59.999, 0.99998)]
    [InlineData(60, 10, 1, 60, 1)]
    [InlineData(60, 10, 1, 1000, 1)]
    [InlineData(60, 0, 1, 0, 1.0 / 60_000)] // the first millisecond counts
    [InlineData(60, 50, 1, 15, 0.5)]
    [InlineData(100, 10, 2, 25, 0.5)] // 0.25^(1/2)
    [InlineData(100, 10, 0.5, 50, 0.25)] // 0.5^2
    [InlineData(100, 10, 0, 50, 0.5)] // no aggression that could be, and so 1
    public void The_factor_is_envoys(double window, double minimum, double aggression, double age, double factor) =>
        Assert.Equal(factor, Ramp(window, minimum, aggression).Factor(TimeSpan.FromSeconds(age)), 1e-5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_newcomer_gets_its_share_little_by_little(bool isLeastRequest)
    {
        var old = Endpoints.Of(Settings, [.. Endpoints.Models(4)]);
        _time.Advance(TimeSpan.FromMinutes(5));
        EndpointState[] endpoints = [.. old, .. Endpoints.Of(Settings, Snapshots.Endpoint("10.9.9.9"))];
        ILoadBalancingPolicy policy = isLeastRequest ? new LeastRequestPolicy(new Random(1), Ramp()) : new RoundRobinPolicy(new Random(1), Ramp());
        var picker = policy.Over(endpoints);

        Assert.InRange(Newcomers(4100), 99, 101); // 0.1 of 4.1
        _time.Advance(TimeSpan.FromSeconds(30));
        Newcomers(50); // takes its place in the queue by its new weight
        Assert.InRange(Newcomers(4500), 499, 501); // 0.5 of 4.5
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.InRange(Newcomers(5000), isLeastRequest ? 850 : 1000, isLeastRequest ? 1150 : 1000); // the policy itself

        int Newcomers(int picks) => endpoints.Counts(picks, () => picker.Pick(0))[^1];
    }

    [Fact]
    public void Those_of_the_first_snapshot_are_all_new_and_alike()
    {
        var endpoints = Endpoints.Of(Settings, [.. Endpoints.Models(4)]);
        var picker = new RoundRobinPolicy(new Random(1), Ramp()).Over(endpoints);

        Assert.All(endpoints.Counts(400, () => picker.Pick(0)), static count => Assert.InRange(count, 99, 101));
    }

    [Fact]
    public void Without_anybody_new_the_policy_is_asked_directly()
    {
        var endpoints = Endpoints.Of(Settings, [.. Endpoints.Models(4)]);
        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.Same(new RoundRobinPolicy(new Random(1)).Over(endpoints).GetType(), new RoundRobinPolicy(new Random(1), Ramp()).Over(endpoints).GetType());
    }

    [Fact]
    public void An_endpoint_is_new_from_the_moment_that_it_is_ready()
    {
        var endpoint = Endpoints.Of(Settings, Snapshots.Endpoint("10.0.0.1", EndpointHealth.Unready))[0];
        _time.Advance(TimeSpan.FromSeconds(45)); // it starts up
        endpoint.Model = Snapshots.Endpoint("10.0.0.1");
        Assert.Equal(0.1, Ramp().Factor(endpoint, _time.GetTimestamp()));

        _time.Advance(TimeSpan.FromSeconds(30));
        endpoint.Model = Snapshots.Endpoint("10.0.0.1", EndpointHealth.Unready);
        endpoint.Model = Snapshots.Endpoint("10.0.0.1"); // is not new again
        Assert.Equal(0.5, Ramp().Factor(endpoint, _time.GetTimestamp()));
    }

    [Fact]
    public void A_window_of_nothing_is_none()
    {
        Assert.Null(WarmUp.Of(null, _time));
        Assert.Null(WarmUp.Of(new SlowStartModel(TimeSpan.Zero), _time));
    }
}
