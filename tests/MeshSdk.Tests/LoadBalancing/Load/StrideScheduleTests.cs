using CsCheck;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Load;

namespace MeshSdk.Tests.LoadBalancing.Load;

/// <summary>The static stride of gRPC, with the numbers of its own implementations.</summary>
public sealed class StrideScheduleTests
{
    [Theory]
    [InlineData("1 10", "6554 65535", "111111111011111111110111")]
    [InlineData("1 2 3", "21845 43690 65535", "122012122012122012")]
    [InlineData("2 1", "65535 32768", "010010010010")]
    [InlineData("0 1 3", "43690 21845 65535", "201202201202201202")]
    [InlineData("1 1 1", "65535 65535 65535", "012012012")]
    public void Turns_are_those_of_grpc(string weights, string scaled, string picks)
    {
        var schedule = Schedule(weights);
        var rotation = FromZero();

        Assert.Equal(scaled, string.Join(' ', schedule.Weights.ToArray()));
        Assert.Equal(picks, string.Concat(Enumerable.Range(0, picks.Length).Select(_ => schedule.Next(rotation))));
    }

    [Theory]
    [InlineData("1 1 1")]
    [InlineData("1 2 3")]
    [InlineData("5 3 2")]
    [InlineData("17 23 37")]
    [InlineData("1 10 2 20")]
    public void Shares_are_those_of_the_weights(string text)
    {
        var weights = Weights(text);
        var schedule = Schedule(text);
        var rotation = new Rotation(new Random(1));
        var counts = new int[weights.Length];
        for (var i = 0; i < 10_000; i++)
        {
            counts[schedule.Next(rotation)]++;
        }

        Assert.All(Enumerable.Range(0, weights.Length), i => Assert.InRange(counts[i] / (10_000 * weights[i] / weights.Sum()), 0.95, 1.05));
    }

    [Fact]
    public void One_to_ten_is_exact_over_a_whole_cycle()
    {
        var schedule = Schedule("1 10");
        var rotation = FromZero();
        var ones = Enumerable.Range(0, 110_000).Count(_ => schedule.Next(rotation) == 0);

        Assert.InRange(ones, 9_999, 10_001);
    }

    [Fact]
    public void Over_a_cycle_each_gets_its_weight_and_waits_for_no_longer_than_it_must() =>
        Gen.Select(Gen.Double[0.01, 1000].Array[2, 6], Gen.Int).Sample(static (weights, seed) =>
        {
            var schedule = StrideSchedule.Of(weights);
            var scaled = schedule.Weights.ToArray();
            var rotation = FromZero();
            var (counts, last) = (new int[weights.Length], new int[weights.Length]);

            // In 65535 rounds each is picked as often as its scaled weight says; the heaviest in every round, and so often all others together at most.
            var total = scaled.Sum(static weight => weight);
            for (var i = 1; i <= total; i++)
            {
                var index = schedule.Next(rotation);
                counts[index]++;

                // It is passed over in so many rounds at most, in each of which each of the others may be picked once.
                var rounds = Math.Ceiling((double)ushort.MaxValue / scaled[index]) + 1;
                Assert.InRange(i - last[index], 1, rounds * weights.Length);
                last[index] = i;
            }

            Assert.All(Enumerable.Range(0, weights.Length), i => Assert.InRange(counts[i], scaled[i] - 1, scaled[i] + 1));
        }, iter: 5);

    [Theory]
    [InlineData("1 1000000", 100)]
    [InlineData("1e-90 1e90", 100)]
    public void Nobody_is_left_without_requests(string weights, int least)
    {
        var schedule = Schedule(weights);
        var rotation = FromZero();

        Assert.True(Enumerable.Range(0, 100_000).Count(_ => schedule.Next(rotation) == 0) >= least);
    }

    [Fact]
    public void One_giant_does_not_make_picks_slow()
    {
        var schedule = StrideSchedule.Of([1e9, .. Enumerable.Repeat(1.0, 999)]);
        var rotation = FromZero();
        for (var i = 0; i < 10_000; i++)
        {
            schedule.Next(rotation);
        }

        // How many turns 10,000 picks took: those passed over are included.
        Assert.InRange(rotation.Next(), 10_000u, 120_000u);
    }

    private static double[] Weights(string text) => [.. text.Split(' ').Select(static word => double.Parse(word, System.Globalization.CultureInfo.InvariantCulture))];

    private static StrideSchedule Schedule(string text)
    {
        var weights = Weights(text);
        LoadWeights.TryComplete(weights);
        return StrideSchedule.Of(weights);
    }

    private static Rotation FromZero() => new(new Zero());

    private sealed class Zero : Random
    {
        public override int Next() => 0;
    }
}
