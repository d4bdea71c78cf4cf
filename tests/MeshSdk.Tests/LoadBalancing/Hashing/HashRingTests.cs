using CsCheck;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.LoadBalancing.Hashing;

public sealed class HashRingTests
{
    private static HashRing Ring(int min, int max, params (string Key, int Weight)[] hosts)
    {
        var sum = hosts.Sum(static h => h.Weight);
        return new HashRing(new HashedHosts([.. hosts.Select(static h => h.Key)], [.. hosts.Select(h => h.Weight * 1.0 / sum)]), min, max);
    }

    private static HashRing Ports(int min, int max, params (int Port, int Weight)[] hosts) =>
        Ring(min, max, [.. hosts.Select(static h => ($"127.0.0.1:{h.Port}", h.Weight))]);

    private static (ulong, int)[] Positions(HashRing ring) => [.. Enumerable.Range(0, ring.Size).Select(i => ring[i])];

    // Of gRPC's test: a has the weight 3, b 3 and c 4.
    private static readonly (string, int)[] Abc = [("a", 3), ("b", 3), ("c", 4)];

    [Fact]
    public void The_ring_of_three_weights_is_that_of_grpc()
    {
        const int a = 0, b = 1, c = 2;

        Assert.Equal(
        [
            (4148279810343392165, a), (4189641231046734040, b), (5051629784258667479, c), (5637671355026233228, b), (6560897439782492108, b),
            (7866922100246443948, a), (8142612688290817183, c), (14554126711339088812, c), (14801583559950740418, c), (18017992814255492179, a),
        ], Positions(Ring(10, 20, Abc)));
    }

    [Theory]
    [InlineData("1", 13237225503670494420, 7)]
    [InlineData("2", 6927017134761466251, 5)]
    [InlineData("3", 2744517546871237796, 0)]
    [InlineData("4", 10464417414901951369, 7)]
    public void Keys_lead_where_those_of_grpc_do(string key, ulong hash, int entry)
    {
        Assert.Equal(hash, XxHash.Of(key));
        Assert.Equal(entry, Ring(10, 20, Abc).IndexOf(hash));
    }

    [Theory]
    [InlineData(3, 20, 1, 1, 2)]
    [InlineData(4, 20, 2, 2, 3)]
    [InlineData(6, 20, 2, 2, 3)]
    [InlineData(8, 20, 3, 3, 4)]
    [InlineData(8, 8, 3, 2, 3)]
    [InlineData(20, 10, 3, 3, 4)]
    public void Sizes_are_those_of_grpc(int min, int max, int a, int b, int c) =>
        Assert.Equal([a, b, c], Positions(Ring(min, max, Abc)).GroupBy(static p => p.Item2).OrderBy(static g => g.Key).Select(static g => g.Count()));

    [Theory]
    [InlineData(1024, 1026)]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    public void A_ring_of_equals_has_a_whole_number_of_positions_for_each(int min, int size) =>
        Assert.Equal(size, Ring(min, HashModel.LargestRing, ("a", 1), ("b", 1), ("c", 1)).Size);

    // The tables of Envoy's tests of its ring, by port.
    public static TheoryData<int, int, string, string> Envoys => new()
    {
        {
            12, HashModel.LargestRing, "90 91 92 93 94 95",
            """
            833437586790550860 94, 928266305478181108 92, 1033482794131418490 90, 3551244743356806947 95, 3851675632748031481 93, 5583722120771150861 91,
            6311230543546372928 91, 7700377290971790572 93, 13144177310400110813 95, 13444792449719432967 92, 15516499411664133160 94, 16117243373044804889 90
            """
        },
        { 3, HashModel.LargestRing, "80 81", "5454692015285649509 80, 7859399908942313493 81, 13838424394637650569 80, 16064866803292627174 81" },
        { 3, HashModel.LargestRing, "81 82", "7859399908942313493 81, 8241336090459785962 82, 12882406409176325258 82, 16064866803292627174 81" },
        {
            6, 6, "90:1 91:2 92:3",
            "928266305478181108 92, 4443673547860492590 92, 5583722120771150861 91, 6311230543546372928 91, 13444792449719432967 92, 16117243373044804889 90"
        },
    };

    [Theory]
    [MemberData(nameof(Envoys))]
    public void Rings_are_those_of_envoy(int min, int max, string hosts, string table)
    {
        var parsed = hosts.Split(' ').Select(static h => h.Split(':')).Select(static h => (Port: int.Parse(h[0]), Weight: h.Length > 1 ? int.Parse(h[1]) : 1)).ToArray();

        var ring = Ports(min, max, parsed);

        Assert.Equal(
            table.Split(',', StringSplitOptions.TrimEntries),
            Positions(ring).Select(p => $"{p.Item1} {parsed[p.Item2].Port}"));
    }

    // Hash, attempt → port. Envoy's test walks on from the same positions.
    [Theory]
    [InlineData(0, 0, 94)]
    [InlineData(ulong.MaxValue, 0, 94)]
    [InlineData(3551244743356806947, 0, 95)]
    [InlineData(3551244743356806948, 0, 93)]
    [InlineData(16117243373044804880, 0, 90)]
    [InlineData(0, 1, 92)]
    [InlineData(0, 2, 90)]
    [InlineData(0, 13, 92)]
    public void Lookups_are_those_of_envoy(ulong hash, int attempt, int port) =>
        Assert.Equal(port - 90, Ports(12, HashModel.LargestRing, (90, 1), (91, 1), (92, 1), (93, 1), (94, 1), (95, 1)).Find(hash, attempt));

    [Fact]
    public void A_lookup_finds_the_first_position_that_is_not_before_the_hash() => Gen.Select(Gen.Int[1, 40], Gen.Int[1, 500], Gen.ULong).Sample(
        static (hosts, min, hash) =>
        {
            var ring = Ring(min, 1000, [.. Enumerable.Range(0, hosts).Select(static i => ($"h{i}", 1))]);
            var expected = Array.FindIndex(Positions(ring), p => p.Item1 >= hash);

            Assert.Equal(Math.Max(0, expected), ring.IndexOf(hash));
            Assert.All(Positions(ring), p => Assert.Equal(p, ring[ring.IndexOf(p.Item1)]));
        }, iter: 200);

    [Fact]
    public void When_an_endpoint_leaves_keys_of_others_stay_where_the_ring_keeps_its_density() => Gen.Select(Gen.Int[2, 32], Gen.Int).Sample(
        static (hosts, seed) =>
        {
            // 64 positions for each, before and after.
            var names = Enumerable.Range(0, hosts).Select(static i => $"10.0.0.{i}:80").ToArray();
            var gone = new Random(seed).Next(hosts);
            var left = names.Where((_, i) => i != gone).ToArray();
            var before = Ring(64 * hosts, HashModel.LargestRing, [.. names.Select(static n => (n, 1))]);
            var after = Ring(64 * (hosts - 1), HashModel.LargestRing, [.. left.Select(static n => (n, 1))]);

            for (ulong key = 0; key < 300; key++)
            {
                var hash = XxHash.Of(key.ToString());
                var owner = before.Find(hash, 0);
                if (owner != gone)
                {
                    Assert.Equal(names[owner], left[after.Find(hash, 0)]);
                }
            }
        }, iter: 30);

    [Fact]
    public void Ipv6_endpoints_are_placed_by_their_address_in_brackets()
    {
        var endpoints = Endpoints.Of(Snapshots.Endpoint("fd00::1"), Snapshots.Endpoint("10.0.0.1"));

        Assert.Equal(["[fd00::1]:80", "10.0.0.1:80"], HashedHosts.Of(HostGroup.Of(endpoints)).Keys);
    }
}
