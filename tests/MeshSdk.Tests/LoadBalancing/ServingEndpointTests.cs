using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Priorities;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.LoadBalancing;

/// <summary>Endpoints that say of themselves that they do not serve.</summary>
public sealed class ServingEndpointTests : IDisposable
{
    private readonly ClusterState _cluster = new(Snapshots.Cluster("backend"), new LoadBalancingPolicies(new Random(1)), new TransportSettings());

    public void Dispose() => _cluster.Dispose();

    // What the control plane says, ! where the endpoint itself says no, ^ where it is ejected; the panic threshold → those that count, and those that are used.
    public static TheoryData<string, int, string, string> Cases => new()
    {
        { "ready ready", 0, "1 2", "1 2" },
        { "ready! ready", 0, "1 2", "2" },
        { "ready!^ ready", 0, "1 2", "2" },
        { "ready! ready^ ready", 0, "1 2 3", "3" },
        { "ready! ready!", 0, "", "" },
        { "ready! terminating", 0, "2", "2" }, // who serves to its end is better than who says that it does not
        { "ready! terminating!", 0, "2", "2" },
        { "unready! ready", 0, "1 2", "2" },
        { "unready ready!", 0, "", "" },
        { "ready! ready", 50, "1 2", "2" },
        { "ready! ready!", 50, "1 2", "" }, // panic is made of it: all are used
        { "ready! ready^", 50, "1 2", "" },
        { "ready! terminating", 50, "1", "" },
        { "unready ready!", 50, "2", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_count_and_are_not_used(string endpoints, int threshold, string counted, string used)
    {
        EndpointState[] states = [.. endpoints.Split(' ').Select(static (text, i) => new EndpointState(Snapshots.Cluster("backend"), Endpoint(i, text), new TransportSettings())
        {
            IsServing = !text.Contains('!', StringComparison.Ordinal),
            IsEjected = text.Contains('^', StringComparison.Ordinal),
        })];
        var sets = HostSet.Of(states, threshold);
        Assert.Equal(counted, Numbers(sets.SelectMany(static set => set.All)));
        Assert.Equal(used, Numbers(sets.SelectMany(static set => set.Usable)));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(50, "1 2 3")]
    public void Where_none_serves_a_panic_threshold_uses_all(int threshold, string used)
    {
        _cluster.Apply(Model(threshold));
        EndpointState[] all = [.. _cluster.Usable];
        Assert.Equal(3, all.Length);

        Array.ForEach(all, static endpoint => endpoint.IsServing = false);
        _cluster.Refresh();
        Assert.Equal(used, Numbers(Picked()));

        all[1].IsServing = true;
        _cluster.Refresh();
        Assert.Equal(threshold == 0 ? "2" : "1 2 3", Numbers(Picked())); // a third serves, and a half is asked for
    }

    [Fact]
    public void A_new_model_keeps_what_an_endpoint_has_said_and_another_pod_begins_anew()
    {
        _cluster.Apply(Model(0));
        _cluster.Usable[0].IsServing = false;
        _cluster.Apply(Model(0) with { Host = "other" });
        Assert.Equal("2 3", Numbers(_cluster.Usable));

        _cluster.Apply(Model(0) with { Endpoints = [.. Model(0).Endpoints.Select(static e => e with { PodId = Guid.NewGuid() })] });
        _cluster.Apply(Model(0) with { Endpoints = [.. Model(0).Endpoints.Select(static e => e with { PodId = Guid.NewGuid() })] });
        Assert.Equal("1 2 3", Numbers(_cluster.Usable));
    }

    private HashSet<EndpointState> Picked()
    {
        HashSet<EndpointState> picked = [];
        for (var i = 0; i < 20 && _cluster.TryPick(out var endpoint, out _); i++)
        {
            picked.Add(endpoint);
            endpoint.Release();
        }

        return picked;
    }

    private static string Numbers(IEnumerable<EndpointState> endpoints) =>
        string.Join(' ', endpoints.Select(static e => e.Model.Address["10.0.0.".Length..]).Order(StringComparer.Ordinal));

    private static EndpointModel Endpoint(int i, string text) =>
        Snapshots.Endpoint($"10.0.0.{i + 1}", Enum.Parse<EndpointHealth>(text.TrimEnd('!', '^'), ignoreCase: true));

    private static ClusterModel Model(int threshold) => new()
    {
        Id = Snapshots.Cluster("backend"),
        Host = "backend",
        LoadBalancer = LoadBalancerKind.RoundRobin,
        PanicThreshold = threshold,
        Endpoints = [Endpoint(0, "ready"), Endpoint(1, "ready"), Endpoint(2, "ready")],
    };
}
