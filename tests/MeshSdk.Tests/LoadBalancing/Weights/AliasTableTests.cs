using CsCheck;
using MeshSdk.LoadBalancing.Weights;

namespace MeshSdk.Tests.LoadBalancing.Weights;

public sealed class AliasTableTests
{
    [Fact]
    public void Draws_go_by_weight() => Gen.Select(Gen.Double[0, 10].Array[1, 12].Where(static w => w.Sum() > 1), Gen.Int).Sample(static (weights, seed) =>
    {
        const int draws = 20_000;
        var table = new AliasTable(weights);
        var random = new Random(seed);
        var counts = new int[weights.Length];
        for (var i = 0; i < draws; i++)
        {
            counts[table.Next(random)]++;
        }

        for (var i = 0; i < weights.Length; i++)
        {
            // Six standard deviations, and a little for those of next to no weight.
            var share = weights[i] / weights.Sum();
            Assert.Equal(share, counts[i] / (double)draws, (6 * Math.Sqrt(share * (1 - share) / draws)) + 1e-3);
        }
    }, iter: 30);

    [Fact]
    public void What_has_no_weight_is_never_drawn()
    {
        var table = new AliasTable([0, 1, 0, 2]);
        var random = new Random(1);

        Assert.Equal([1, 3], Enumerable.Range(0, 1000).Select(_ => table.Next(random)).Distinct().Order());
    }
}
