using CsCheck;
using MeshSdk.LoadBalancing.Priorities;

namespace MeshSdk.Tests.LoadBalancing.Priorities;

public sealed class PriorityLoadsTests
{
    private static PriorityLoad[] Loads(string hosts, int threshold) => PriorityLoads.Of(
        [.. hosts.Split(' ').Select(static h => h.Split('/')).Select(static h => new PriorityHealth(int.Parse(h[0]), int.Parse(h[1])))], threshold);

    // Healthy/total by priority, panic threshold → percents; * where it is not looked at health. Of Envoy's documentation and by its formula.
    [Theory]
    [InlineData("10/10 10/10", 0, "100 0")]
    [InlineData("72/100 100/100", 0, "100 0")] // 100.8
    [InlineData("71/100 100/100", 0, "99 1")]
    [InlineData("50/100 100/100", 0, "70 30")]
    [InlineData("1/2 1/1", 0, "70 30")]
    [InlineData("25/100 100/100", 50, "35 65")] // few, but the others can take what they cannot: no panic
    [InlineData("0/100 100/100", 0, "0 100")]
    [InlineData("25/100 25/100", 0, "50 50")]
    [InlineData("5/100 65/100", 0, "8 92")] // 7 + 91 are 98: 7/98, 91/98, and what rounding leaves to the first
    [InlineData("1/10 0/10", 0, "100 0")]
    [InlineData("0/10 1/10", 0, "0 100")]
    [InlineData("1/3 1/3 1/3", 0, "46 46 8")]
    [InlineData("20/100 20/100 10/100", 0, "40 40 20")] // 28 + 28 + 14 are 70
    [InlineData("25/100 25/100", 50, "50* 50*")]
    [InlineData("0/1 0/3", 1, "25* 75*")]
    [InlineData("0/1 0/2", 100, "34* 66*")]
    [InlineData("30/100 60/100", 50, "42 58")] // 42 + 84 are enough
    [InlineData("10/100 50/100", 50, "17* 83")] // 14 + 70 are 84
    [InlineData("1/141", 0, "100")] // 0.99
    [InlineData("0/1 1/150 1/150", 0, "0 50 50")] // all round to nothing: by what they have of the healthy ones
    [InlineData("1/150 2/300 0/9", 0, "34 66 0")]
    [InlineData("1/150 1/100", 0, "0 100")] // not where somebody can take them
    [InlineData("1/150 1/150", 1, "50* 50*")]
    public void Percents_are_envoys(string hosts, int threshold, string expected) =>
        Assert.Equal(expected, string.Join(' ', Loads(hosts, threshold).Select(static l => $"{l.Percent}{(l.IsPanicking ? "*" : "")}")));

    [Fact]
    public void Percents_come_to_100_and_nobody_without_a_healthy_endpoint_gets_any() => Gen.Select(
        Gen.Frequency((1, Gen.Select(Gen.Int[0, 20], Gen.Int[1, 20])), (1, Gen.Select(Gen.Int[0, 3], Gen.Int[1, 5000]))).Array[1, 6].Where(static hosts => hosts.Any(static h => h.Item1 > 0)), Gen.Int[0, 100]).Sample(static (hosts, threshold) =>
    {
        var healths = Array.ConvertAll(hosts, static h => new PriorityHealth(Math.Min(h.Item1, h.Item2), h.Item2));

        var loads = PriorityLoads.Of(healths, threshold);

        Assert.Equal(100, loads.Sum(static l => l.Percent));
        Assert.All(loads.Zip(healths), static pair => Assert.True(pair.Second.Healthy > 0 || pair.First.IsPanicking || pair.First.Percent == 0));
        Assert.True(threshold > 0 || !loads.Any(static l => l.IsPanicking));
        Assert.All(Enumerable.Range(0, 100), at => Assert.True(loads[PriorityLoads.Choose(loads, (ulong)at)].Percent > 0));
    });

    [Theory]
    [InlineData(90, 4, 4, 90)]
    [InlineData(90, 5, 7, 90)]
    [InlineData(90, 1, 2, 63)]
    [InlineData(30, 1, 3, 14)]
    [InlineData(30, 0, 3, 0)]
    public void A_localitys_weight_falls_where_its_healthy_ones_cannot_take_its_part(int weight, int healthy, int total, double effective) =>
        Assert.Equal(effective, LocalityShares.Effective(weight, healthy, total), 1e-9);
}
