using CsCheck;
using MeshSdk.LoadBalancing.Hashing;

namespace MeshSdk.Tests.LoadBalancing.Hashing;

public sealed class MaglevTableTests
{
    private static MaglevTable Table(int size, params double[] weights) => new(
        new HashedHosts([.. weights.Select(static (_, i) => $"127.0.0.1:{90 + i}")], [.. weights.Select(w => w / weights.Sum())]), size);

    // Tables that Envoy's tests print, as indexes of the hosts.
    public static TheoryData<int, double[], int[]> Envoys => new()
    {
        { 7, [1, 1, 1, 1, 1, 1], [2, 4, 0, 1, 5, 0, 3] },
        { 17, [1, 2], [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1] },
        { 17, [0.5, 0.5], [1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1] }, // two localities of the same weight
        { 17, [0.8, 0.2], [1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0] }, // of 8 and 2
    };

    [Theory]
    [MemberData(nameof(Envoys))]
    public void Tables_are_those_of_envoy(int size, double[] weights, int[] table) => Assert.Equal(table, Table(size, weights).Owners.ToArray());

    // Envoy's test turns to these where a retry must not go where the try before went.
    [Theory]
    [InlineData(10, 0, 1)]
    [InlineData(10, 1, 0)]
    [InlineData(10, 2, 5)]
    public void Later_attempts_are_those_of_envoy(ulong hash, int attempt, int host) => Assert.Equal(host, Table(7, 1, 1, 1, 1, 1, 1).Find(hash, attempt));

    [Fact]
    public void The_order_of_hosts_plays_no_part()
    {
        string[] keys = ["127.0.0.1:95", "127.0.0.1:91", "127.0.0.1:90", "127.0.0.1:94", "127.0.0.1:92", "127.0.0.1:93"];
        var table = new MaglevTable(new HashedHosts(keys, [.. keys.Select(_ => 1.0 / 6)]), 7);

        Assert.Equal([92, 94, 90, 91, 95, 90, 93], table.Owners.ToArray().Select(i => int.Parse(keys[i][^2..])));
    }

    [Fact]
    public void Shares_are_even_to_the_entry_and_by_weight_to_a_few() => Gen.Select(Gen.Int[1, 30], Gen.Int[1, 9].Array[2, 12]).Sample(static (hosts, weights) =>
    {
        var even = Shares(Table(1009, [.. Enumerable.Repeat(1.0, hosts)]));
        Assert.InRange(even.Max() - even.Min(), 0, 1);

        var byWeight = Shares(Table(65_537, Array.ConvertAll(weights, static w => (double)w)));

        // The last round may end with any host.
        Assert.All(weights.Select((w, i) => Math.Abs(byWeight[i] - (65_537.0 * w / weights.Sum()))), error => Assert.InRange(error, 0, weights.Length));
    }, iter: 20);

    [Fact]
    public void When_a_host_leaves_few_keys_of_others_move()
    {
        var before = Table(65_537, [.. Enumerable.Repeat(1.0, 10)]).Owners;
        var after = Table(65_537, [.. Enumerable.Repeat(1.0, 9)]).Owners;
        var moved = 0;
        for (var i = 0; i < before.Length; i++)
        {
            moved += before[i] != 9 && before[i] != after[i] ? 1 : 0;
        }

        Assert.InRange(moved / (double)before.Length, 0, 0.1);
    }

    [Theory]
    [InlineData(8, 11)]
    [InlineData(0, 2)]
    [InlineData(65_536, 65_537)]
    public void A_size_that_is_no_prime_becomes_the_next_one(int size, int prime) => Assert.Equal(prime, Table(size, 1, 1).Owners.Length);

    private static int[] Shares(MaglevTable table) => [.. table.Owners.ToArray().GroupBy(static o => o).OrderBy(static g => g.Key).Select(static g => g.Count())];
}
