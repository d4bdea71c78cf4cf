using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.LoadBalancing;

/// <summary>Endpoints of which nobody can tell who they should be are left out, as long as there are others.</summary>
public sealed class WithheldEndpointTests : IDisposable
{
    private readonly ClusterState _cluster = new(Snapshots.Cluster("backend"), new LoadBalancingPolicies(new Random(1)), new TransportSettings());

    public void Dispose() => _cluster.Dispose();

    // health and whether it is withheld → the endpoints that are used
    public static TheoryData<string, string> Cases => new()
    {
        { "ready", "1" },
        { "ready?", "1" },
        { "ready? ready ready?", "2" },
        { "ready? ready? ready?", "1 2 3" },
        { "ready? unready", "1" },
        { "unready? ready", "2" },
        { "unready? unready", "" },
        { "ready? terminating", "2" }, // it still serves, and that is better than to be refused
        { "terminating? terminating", "2" },
        { "terminating? unready", "1" },
        { "ready terminating? ready?", "1" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_are_used_only_where_there_is_nobody_else(string endpoints, string used)
    {
        _cluster.Apply(Model(LoadBalancerKind.RoundRobin, endpoints));
        Assert.Equal(used, string.Join(' ', _cluster.Usable.Select(static e => e.Model.Address["10.0.0.".Length..])));
    }

    [Fact]
    public void An_ejected_one_that_is_known_is_no_reason_to_pick_none()
    {
        _cluster.Apply(Model(LoadBalancerKind.RoundRobin, "ready ready?"));
        Assert.Single(_cluster.Usable).IsEjected = true;
        _cluster.Refresh();
        Assert.Equal("10.0.0.2", Assert.Single(_cluster.Usable).Model.Address);
    }

    [Theory]
    [InlineData(nameof(LoadBalancerKind.RingHash))]
    [InlineData(nameof(LoadBalancerKind.Maglev))]
    [InlineData(nameof(LoadBalancerKind.LeastRequest))]
    [InlineData(nameof(LoadBalancerKind.Random))]
    public void No_policy_picks_them(string kind)
    {
        _cluster.Apply(Model(Enum.Parse<LoadBalancerKind>(kind), "ready? ready ready? ready"));
        for (var i = 0; i < 50; i++)
        {
            Assert.True(_cluster.TryPick(out var endpoint, out _));
            Assert.Null(endpoint.Refusal());
            endpoint.Release();
        }
    }

    [Fact]
    public void One_that_becomes_known_is_used()
    {
        _cluster.Apply(Model(LoadBalancerKind.RoundRobin, "ready? ready"));
        _cluster.Apply(Model(LoadBalancerKind.RoundRobin, "ready ready"));
        Assert.Equal(2, _cluster.Usable.Count);
        Assert.All(_cluster.Usable, static e => Assert.Null(e.Refusal()));
    }

    private static ClusterModel Model(LoadBalancerKind kind, string endpoints) => new()
    {
        Id = Snapshots.Cluster("backend"),
        Host = "backend",
        LoadBalancer = kind,
        Hash = kind is LoadBalancerKind.RingHash or LoadBalancerKind.Maglev ? new HashModel(HashSource.Header, "x-user") : null,
        Endpoints = [.. endpoints.Split(' ').Select(static (text, i) => Snapshots.Endpoint($"10.0.0.{i + 1}", Enum.Parse<EndpointHealth>(text.TrimEnd('?'), ignoreCase: true)) with
        {
            Withheld = text.EndsWith('?') ? "its pod is not known" : null,
        })],
    };
}
