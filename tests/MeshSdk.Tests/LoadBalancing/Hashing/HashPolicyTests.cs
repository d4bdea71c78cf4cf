using CsCheck;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.LoadBalancing.Priorities;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.LoadBalancing.Hashing;

public sealed class HashPolicyTests
{
    private int _built;

    private HashPolicy Policy(bool isMaglev) => new(RequestHash.Of(new HashModel(HashSource.Header, "user"), null, new Random(1)), hosts =>
    {
        _built++;
        return isMaglev ? new MaglevTable(hosts, 1009) : new HashRing(hosts, 1024, HashModel.LargestRing);
    });

    private static ClusterModel Model { get; } = new() { Id = Snapshots.Cluster("backend"), Host = "backend", Endpoints = [] };

    private static PickContext For(string user, params EndpointState[] tried)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        request.Headers.Add("user", user);
        return new PickContext(request, tried);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Retries_go_to_each_endpoint_once_and_in_the_same_order_for_all_clients(bool isMaglev)
    {
        var one = Endpoints.Ready(6);
        EndpointState[] other = [.. Endpoints.Ready(6).Reverse()];
        for (var user = 0; user < 50; user++)
        {
            Assert.Equal(Order(one), Order(other));

            List<string> Order(EndpointState[] endpoints)
            {
                var selection = EndpointSelection.Of(endpoints, Model, Policy(isMaglev), new Random());
                List<EndpointState> tried = [];
                for (var i = 0; i < endpoints.Length; i++)
                {
                    var pick = selection.Pick(For($"{user}", [.. tried]));
                    Assert.DoesNotContain(pick, tried);
                    tried.Add(pick!);
                }

                Assert.Same(tried[0], selection.Pick(For($"{user}", [.. tried])));
                return tried.ConvertAll(static e => e.Name);
            }
        }
    }

    // While each has as many positions on a ring as before.
    [Fact]
    public void What_a_request_falls_back_to_is_where_it_goes_when_the_endpoint_is_known_to_be_bad()
    {
        var endpoints = Endpoints.Ready(8);
        var policy = new HashPolicy(
            RequestHash.Of(new HashModel(HashSource.Header, "user"), null, new Random(1)),
            static hosts => new HashRing(hosts, 64 * hosts.Keys.Length, HashModel.LargestRing));
        var all = EndpointSelection.Of(endpoints, Model, policy, new Random());
        for (var user = 0; user < 50; user++)
        {
            var first = all.Pick(For($"{user}"))!;
            first.IsEjected = true;
            var without = EndpointSelection.Of(endpoints, Model, policy, new Random());
            first.IsEjected = false;

            Assert.Same(all.Pick(For($"{user}", first)), without.Pick(For($"{user}")));
        }
    }

    [Fact]
    public void Tables_are_made_again_only_for_other_endpoints()
    {
        var endpoints = Endpoints.Ready(5);
        var policy = Policy(isMaglev: true);
        var selection = EndpointSelection.Of(endpoints, Model, policy, new Random());
        Assert.Equal(1, _built);

        selection = EndpointSelection.Of([.. endpoints], Model with { ConnectTimeout = TimeSpan.FromSeconds(1) }, policy, new Random(), selection);
        selection.Pick(For("a"));
        Assert.Equal(1, _built);

        endpoints[0].IsEjected = true;
        selection = EndpointSelection.Of(endpoints, Model, policy, new Random(), selection);
        Assert.Equal(2, _built);

        endpoints[1].Model = endpoints[1].Model with { Weight = 2 };
        _ = EndpointSelection.Of(endpoints, Model, policy, new Random(), selection);
        Assert.Equal(3, _built);
    }

    [Fact]
    public void A_table_of_a_priority_without_requests_is_made_when_it_is_needed()
    {
        var endpoints = Endpoints.Ready(4, static (i, model) => model with { Priority = i / 2 });
        var selection = EndpointSelection.Of(endpoints, Model, Policy(isMaglev: false), new Random());
        Assert.Equal(1, _built);

        Assert.Contains(selection.Pick(For("a", endpoints[0], endpoints[1])), endpoints[2..]);
        Assert.Equal(2, _built);
    }

    [Fact]
    public void The_hash_chooses_the_priority_too() => Gen.ULong.Sample(static hash =>
    {
        PriorityLoad[] loads = [new(70, false), new(0, false), new(30, false)];
        Assert.Equal(hash % 100 < 70 ? 0 : 2, PriorityLoads.Choose(loads, hash));
    });
}
