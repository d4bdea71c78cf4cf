using CsCheck;
using MeshSdk.Routing;

namespace MeshSdk.Tests.Routing;

public sealed class WeightedSplitTests
{
    private static readonly Gen<int[]> Weights =
        Gen.OneOf(Gen.Int[0, 5], Gen.Int[0, 100], Gen.Int[0, 256]).Array[1, 16].Where(static w => w.Sum() is > 0 and <= WeightedSplit.MaxPeriod);

    [Fact]
    public void Every_full_period_holds_exactly_its_shares() => Gen.Select(Weights, Gen.Int).Sample(static (weights, seed) =>
    {
        var split = new WeightedSplit(weights, new Random(seed));
        var shares = Reduced(weights);
        for (var run = 0; run < 3; run++)
        {
            Assert.Equal(shares, Count(split, weights.Length, shares.Sum()));
        }
    }, iter: 300);

    [Fact]
    public void Any_stretch_of_whole_periods_misses_its_shares_by_one_period_at_most() => Gen.Select(Weights, Gen.Int[0, 5000], Gen.Int[1, 4]).Sample(
        static (weights, start, periods) =>
        {
            var split = new WeightedSplit(weights, new Random(start));
            var shares = Reduced(weights);
            Count(split, weights.Length, start);
            var counts = Count(split, weights.Length, periods * shares.Sum());
            for (var i = 0; i < weights.Length; i++)
            {
                // Whole runs are exact; of the two that are cut, each holds between none and all of its share.
                Assert.InRange(counts[i], (periods - 1) * shares[i], (periods + 1) * shares[i]);
            }
        }, iter: 300);

    [Theory]
    [InlineData(90, 10)]
    [InlineData(9, 1)]
    [InlineData(900_000, 100_000)]
    public void Of_any_20_in_a_row_17_to_19_take_the_nine_tenths(int stable, int canary)
    {
        var split = new WeightedSplit([stable, canary], new Random(1));
        var picks = Enumerable.Range(0, 20_000).Select(_ => split.Next()).ToArray();

        for (var i = 0; i + 20 <= picks.Length; i++)
        {
            Assert.InRange(picks.AsSpan(i, 20).Count(0), 17, 19);
        }
    }

    // A run that is cut misses less than one, and a stretch cuts two at most.
    [Fact]
    public void Any_stretch_at_all_misses_the_share_of_a_canary_by_less_than_two() => Gen.Select(Gen.Int[1, 300], Gen.Int[0, 1000], Gen.Int[1, 2000], Gen.Int)
        .Sample(static (stable, start, length, seed) =>
        {
            var split = new WeightedSplit([stable, 1], new Random(seed));
            Count(split, 2, start);
            var misses = Count(split, 2, length)[1] - (length / (stable + 1.0));

            Assert.True(Math.Abs(misses) < 2, $"{misses} too many of {length}");
        }, iter: 300);

    [Fact]
    public void The_first_20_of_every_process_are_divided_18_to_2()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            Assert.Equal([18, 2], Count(new WeightedSplit([90, 10], new Random(seed)), 2, 20));
        }
    }

    [Fact]
    public void Processes_and_runs_differ_in_where_they_put_the_canary()
    {
        var positions = new HashSet<int>();
        for (var seed = 0; seed < 100; seed++)
        {
            var split = new WeightedSplit([9, 1], new Random(seed));
            positions.Add(Enumerable.Range(0, 10).First(_ => split.Next() == 1));
        }

        Assert.Equal(10, positions.Count);
    }

    // A workload with a rhythm: of every m requests the k-th is the one that matters. Its share must be the same whatever m and k.
    [Theory]
    [InlineData(9, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(19, 1)]
    public void A_periodic_workload_cannot_fall_into_step(int stable, int canary)
    {
        const int Samples = 40_000;
        var split = new WeightedSplit([stable, canary], new Random(7));
        var picks = new byte[20 * Samples];
        for (var i = 0; i < picks.Length; i++)
        {
            picks[i] = (byte)split.Next();
        }

        var share = canary / (double)(stable + canary);
        var tolerance = 5 * Math.Sqrt(share * (1 - share) / Samples); // five sigma
        for (var rhythm = 2; rhythm <= 20; rhythm++)
        {
            for (var offset = 0; offset < rhythm; offset++)
            {
                var hits = 0;
                for (var i = 0; i < Samples; i++)
                {
                    hits += picks[(i * rhythm) + offset];
                }

                Assert.True(
                    Math.Abs((hits / (double)Samples) - share) < tolerance,
                    $"every {rhythm}th from {offset}: {hits / (double)Samples:0.0000} in place of {share:0.0000} ± {tolerance:0.0000}");
            }
        }
    }

    [Fact]
    public void Periods_that_are_too_long_stay_close_to_their_shares() => Gen.Select(Gen.Int[0, 1_000_000].Array[2, 16], Gen.Int).Where(
        static (weights, _) => weights.Sum() > 0 && Reduced(weights).Sum() > WeightedSplit.MaxPeriod).Sample(static (weights, seed) =>
    {
        const int Requests = 5000;
        var counts = Count(new WeightedSplit(weights, new Random(seed)), weights.Length, Requests);
        var total = (double)weights.Sum(static w => (long)w);
        for (var i = 0; i < weights.Length; i++)
        {
            // The discrepancy of the golden ratio's sequence is a few requests, where dice are off by some seventy.
            var share = Requests * (weights[i] / total);
            Assert.InRange(counts[i], share - 12, share + 12);
            Assert.True(weights[i] > 0 || counts[i] == 0);
        }
    }, iter: 200);

    [Fact]
    public void The_largest_weights_that_can_be_written_work()
    {
        var counts = Count(new WeightedSplit([int.MaxValue, int.MaxValue - 1, 0], new Random(1)), 3, 1000);

        Assert.InRange(counts[0], 490, 510);
        Assert.Equal(0, counts[2]);
    }

    [Theory]
    [InlineData(90, 10)]
    [InlineData(999_983, 7)]
    public async Task Parallel_callers_share_exactly(int a, int b)
    {
        const int Callers = 4;
        const int Each = 50_000;
        var alone = Count(new WeightedSplit([a, b], new Random(3)), 2, Callers * Each);
        var split = new WeightedSplit([a, b], new Random(3));

        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => Count(split, 2, Each))));

        Assert.Equal(alone, new[] { counts.Sum(static c => c[0]), counts.Sum(static c => c[1]) });
    }

    [Fact]
    public void Weights_without_a_positive_one_are_a_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => new WeightedSplit([0, 0], new Random(1)));

    private static int[] Count(WeightedSplit split, int backends, int requests)
    {
        var counts = new int[backends];
        for (var i = 0; i < requests; i++)
        {
            counts[split.Next()]++;
        }

        return counts;
    }

    private static int[] Reduced(int[] weights)
    {
        var divisor = weights.Aggregate(static (a, b) => { while (b != 0) { (a, b) = (b, a % b); } return a; });
        return [.. weights.Select(w => w / divisor)];
    }
}
