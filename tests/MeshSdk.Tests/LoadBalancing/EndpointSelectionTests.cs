using System.Collections.Immutable;
using CsCheck;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.LoadBalancing;

/// <summary>Who is picked of many, by health, priority and locality.</summary>
public sealed class EndpointSelectionTests
{
    private static readonly RoundRobinPolicy RoundRobin = new(new Random(1));

    private static ClusterModel Model { get; } = new() { Id = Snapshots.Cluster("backend"), Host = "backend", Endpoints = [] };

    private static Locality Zone(string name) => new("region", name, "");

    private static EndpointSelection Select(EndpointState[] endpoints, ClusterModel? model = null, ILoadBalancingPolicy? policy = null, EndpointSelection? previous = null) =>
        EndpointSelection.Of(endpoints, model ?? Model, policy ?? RoundRobin, new Random(1), previous);

    // One letter an endpoint: R ready, E ready and ejected, U unready, T terminating. Spaces between priorities.
    private static EndpointState[] Parse(string text)
    {
        List<EndpointModel> models = [];
        foreach (var (priority, letters) in text.Split(' ').Index())
        {
            models.AddRange(letters.Select(letter => Snapshots.Endpoint($"10.{models.Count / 250}.{priority}.{models.Count % 250}", letter switch
            {
                'U' => EndpointHealth.Unready,
                'T' => EndpointHealth.Terminating,
                _ => EndpointHealth.Ready,
            }) with { Priority = priority }));
        }

        var endpoints = Endpoints.Of([.. models]);
        foreach (var (i, letter) in text.Replace(" ", "", StringComparison.Ordinal).Index())
        {
            endpoints[i].IsEjected = letter == 'E';
        }

        return endpoints;
    }

    // Endpoints, panic threshold → picks of each in a hundred.
    [Theory]
    [InlineData("RR", 0, "50 50")]
    [InlineData("RET", 0, "100 0 0")]
    [InlineData("EU", 0, "")]
    [InlineData("UTT", 0, "0 50 50")]
    [InlineData("ET", 0, "0 100")]
    [InlineData("U", 0, "")]
    [InlineData("T U R", 0, "0 0 100")] // anyone ready comes before those that are shutting down, whatever the priority
    [InlineData("ETT RE", 0, "0 0 0 100 0")]
    [InlineData("T T", 0, "100 0")]
    [InlineData("RRR R", 0, "33 33 33 0")]
    [InlineData("RE RR", 0, "70 0 15 15")]
    [InlineData("RU RR", 0, "70 0 15 15")] // unready ones count
    [InlineData("RT RR", 0, "100 0 0 0")] // terminating ones do not
    [InlineData("RRREE R", 0, "28 28 28 0 0 16")] // 84 %
    [InlineData("EE RR", 0, "0 0 50 50")]
    [InlineData("EE", 50, "50 50")] // panic
    [InlineData("EEU", 50, "50 50 0")] // in which the unready still get nothing
    [InlineData("EEREE", 50, "20 20 20 20 20")]
    [InlineData("EEREE", 20, "0 0 100 0 0")]
    [InlineData("EEREE RR", 50, "0 0 28 0 0 36 36")] // no panic where others can help
    [InlineData("EER EEER", 50, "14 14 14 14 14 14 14")] // all panic: by what they have of the endpoints
    [InlineData("E EEE", 50, "25 25 25 25")]
    [InlineData("UT", 50, "0 100")]
    [InlineData("RU R", 50, "100 0 0")] // with a threshold the unready are not told of, and so do not count
    public void Picks_go_by_health_and_priority(string endpoints, int threshold, string expected)
    {
        var states = Parse(endpoints);
        var selection = Select(states, Model with { PanicThreshold = threshold });
        if (expected.Length == 0)
        {
            Assert.Null(selection.Pick());
            Assert.Empty(selection.Usable);
            return;
        }

        var counts = states.Counts(1000, () => selection.Pick()!);

        Assert.All(counts.Zip(expected.Split(' ').Select(int.Parse)), static pair => Assert.InRange(pair.First / 10.0, pair.Second - 1.01, pair.Second + 1.01));
    }

    [Theory]
    [InlineData('U')]
    [InlineData('E')]
    public void The_only_healthy_ones_of_hundreds_are_found_in_each_priority(char others)
    {
        var most = new string(others, 150);
        var endpoints = Parse($"{others} R{most} R{most}");
        var hash = new HashPolicy(RequestHash.Of(new HashModel(HashSource.Header, "user"), null, new Random(1)), static hosts => new HashRing(hosts, 64, 1024));

        Assert.All<ILoadBalancingPolicy>([RoundRobin, hash], policy =>
        {
            var selection = Select(endpoints, policy: policy);
            Assert.Equal([endpoints[1], endpoints[152]], Enumerable.Range(0, 200).Select(_ => selection.Pick()!).Distinct().OrderBy(static e => e.Model.Priority));
        });
    }

    [Fact]
    public void Priorities_share_without_clumps()
    {
        var states = Parse("RE RR"); // 70/30: in ten requests in a row seven, wherever they begin
        var selection = Select(states);
        var picks = Enumerable.Range(0, 200).Select(_ => selection.Pick() == states[0]).ToArray();

        for (var i = 0; i + 10 <= picks.Length; i++)
        {
            Assert.Equal(7, picks[i..(i + 10)].Count(static first => first));
        }
    }

    [Fact]
    public void Nobody_ejected_is_picked_while_another_is_healthy() => Gen.Select(
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 2]).Array[1, 12], Gen.Int[0, 4], Gen.Int).Sample(static (hosts, kind, seed) =>
    {
        var states = Endpoints.Ready(hosts.Length, (i, model) => model with
        {
            Health = hosts[i].Item1 == 3 ? EndpointHealth.Unready : EndpointHealth.Ready,
            Priority = hosts[i].Item2,
            Weight = hosts[i].Item3 + 1,
        });
        for (var i = 0; i < states.Length; i++)
        {
            states[i].IsEjected = hosts[i].Item1 == 1;
        }

        var model = Model with { LoadBalancer = (LoadBalancerKind)kind, Hash = new HashModel(HashSource.Header, "x") { TableSize = 101 } };
        var selection = Select(states, model, new LoadBalancingPolicies(new Random(seed)).Create(model));
        var healthy = states.Where(static e => e.Model.Health == EndpointHealth.Ready && !e.IsEjected).ToArray();
        for (var i = 0; i < 50; i++)
        {
            var pick = selection.Pick();
            Assert.Equal(healthy.Length > 0, pick is not null);
            Assert.True(pick is null || healthy.Contains(pick));
        }

        // Each retry goes to another healthy one, of whatever priority.
        List<EndpointState> tried = [];
        while (tried.Count < healthy.Length)
        {
            var pick = selection.Pick([.. tried])!;
            Assert.DoesNotContain(pick, tried);
            Assert.Contains(pick, healthy);
            tried.Add(pick);
        }
    }, iter: 200);

    [Theory]
    [InlineData("RR RR", 2)]
    [InlineData("RRE RR", 2)]
    public void A_retry_leaves_its_priority_only_where_all_of_it_was_tried(string endpoints, int first)
    {
        var states = Parse(endpoints);
        var selection = Select(states);
        for (var i = 0; i < 50; i++)
        {
            var picked = selection.Pick(states[0]);
            Assert.True(picked == states[1] || picked!.Model.Priority == 1); // a first choice of the other priority is one too
            Assert.Equal(1, selection.Pick(states[..first])!.Model.Priority);
            Assert.NotNull(selection.Pick(states));
        }
    }

    private static EndpointState[] Zones(params (string Zone, int Ready, int Ejected)[] zones)
    {
        var number = 0;
        return [.. zones.SelectMany(zone => Enumerable.Range(0, zone.Ready + zone.Ejected).Select(i =>
        {
            var state = Endpoints.Of(Snapshots.Endpoint($"10.0.0.{number++}") with { Locality = Zone(zone.Zone) })[0];
            state.IsEjected = i >= zone.Ready;
            return state;
        }))];
    }

    private static ImmutableArray<LocalityWeight> Weights(params (string Zone, int Weight)[] weights) => [.. weights.Select(static w => new LocalityWeight(Zone(w.Zone), w.Weight))];

    [Fact]
    public void Localities_share_by_weight_exactly_and_endpoints_within_evenly()
    {
        var states = Zones(("a", 2, 0), ("b", 3, 0), ("c", 1, 0));
        var selection = Select(states, Model with { LocalityWeights = Weights(("a", 80), ("b", 20)) });

        Assert.Equal([200, 200, 34, 33, 33, 0], states.Counts(500, () => selection.Pick()!).Order(Comparer<int>.Create(static (a, b) => b - a)));
        Assert.DoesNotContain(states[5], selection.Usable); // c is not listed
    }

    [Theory]
    [InlineData(5, 0, 80)]
    [InlineData(4, 1, 80)] // 1.4 × 0.8 is enough
    [InlineData(2, 2, 73.68)] // 56 of 76
    [InlineData(0, 2, 0)]
    public void A_locality_with_ejected_endpoints_gets_less_where_the_others_could_not_take_its_part(int ready, int ejected, double percent)
    {
        var states = Zones(("a", ready, ejected), ("b", 2, 0));
        var selection = Select(states, Model with { LocalityWeights = Weights(("a", 80), ("b", 20)) });

        var counts = states.Counts(10_000, () => selection.Pick()!);

        Assert.Equal(percent, counts[..ready].Sum() / 100.0, 0.1);
        Assert.All(counts[ready..(ready + ejected)], static count => Assert.Equal(0, count));
    }

    [Fact]
    public void In_panic_localities_are_not_looked_at()
    {
        var states = Zones(("a", 0, 2), ("b", 0, 2));
        var selection = Select(states, Model with { LocalityWeights = Weights(("a", 99), ("b", 1)), PanicThreshold = 50 });

        Assert.Equal([25, 25, 25, 25], states.Counts(100, () => selection.Pick()!));
    }

    [Fact]
    public void A_ring_has_the_localities_weights_in_it()
    {
        var states = Zones(("a", 1, 0), ("b", 4, 0));
        var model = Model with { LocalityWeights = Weights(("a", 50), ("b", 50)), LoadBalancer = LoadBalancerKind.Maglev };
        HashedHosts built = default;
        var policy = new HashPolicy(RequestHash.Of(new HashModel(HashSource.Header, "x"), null, new Random(1)), hosts =>
        {
            built = hosts;
            return new MaglevTable(hosts, 1009);
        });

        Select(states, model, policy);

        Assert.Equal([0.5, 0.125, 0.125, 0.125, 0.125], built.Weights);
    }

    // Were there one turn for all, a schedule that goes back and forth between two localities would pick one of two endpoints in each.
    [Fact]
    public void Each_locality_and_priority_has_its_own_turns_and_keeps_them()
    {
        var states = Zones(("a", 2, 0), ("b", 2, 0));
        var model = Model with { LocalityWeights = Weights(("a", 50), ("b", 50)) };
        EndpointSelection? selection = null;

        var counts = states.Counts(400, () => (selection = Select(states, model, previous: selection)).Pick()!);

        Assert.Equal([100, 100, 100, 100], counts);
    }

    [Fact]
    public void Turns_go_on_when_an_endpoint_leaves_and_comes_back()
    {
        var states = Parse("RRRR");
        EndpointSelection? selection = null;
        var counts = new int[4];
        for (var round = 0; round < 300; round++)
        {
            // Not every other round, which would keep step with the turns.
            states[3].IsEjected = round % 3 == 0;
            selection = Select(states, previous: selection);
            counts[Array.IndexOf(states, selection.Pick())]++;
        }

        // With turns that begin anew each time the first one would get all.
        Assert.All(counts, static count => Assert.InRange(count, 1, 150));
    }

    [Fact]
    public void Nothing_is_allocated_by_a_pick()
    {
        var states = Zones(("a", 2, 1), ("b", 3, 0));
        EndpointSelection[] selections =
        [
            .. Enum.GetValues<LoadBalancerKind>().Select(kind => Model with { LoadBalancer = kind, Hash = new HashModel(HashSource.Header, "x") }).Select(model =>
                Select(states, model, new LoadBalancingPolicies(new Random(1)).Create(model))),
            Select(states, Model with { LocalityWeights = Weights(("a", 80), ("b", 20)) }),
            Select(Parse("RE RR")),
            Select(Endpoints.Weighted(1, 2, 3)),
            Select(Endpoints.Weighted(1, 2, 3), policy: new LeastRequestPolicy(new Random(1))),
        ];
        Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            foreach (var selection in selections)
            {
                selection.Pick();
            }
        }
    }
}
