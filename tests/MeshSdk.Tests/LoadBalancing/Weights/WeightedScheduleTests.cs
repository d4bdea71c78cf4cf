using CsCheck;
using MeshSdk.LoadBalancing.Weights;

namespace MeshSdk.Tests.LoadBalancing.Weights;

public sealed class WeightedScheduleTests
{
    // By hand: deadlines are multiples of 1/weight, and of equal ones the older comes first.
    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, new[] { 2, 1, 2, 0, 1, 2 })]
    [InlineData(new double[] { 2, 1 }, new[] { 0, 1, 0 })]
    [InlineData(new double[] { 1, 10 }, new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1 })]
    [InlineData(new double[] { 7, 7, 7 }, new[] { 0, 1, 2 })]
    [InlineData(new double[] { 70, 30 }, new[] { 0, 0, 1, 0, 0, 1, 0, 0, 1, 0 })]
    [InlineData(new double[] { 5 }, new[] { 0 })]
    public void Schedules_are_what_an_earliest_deadline_first_queue_gives(double[] weights, int[] schedule) =>
        Assert.Equal(schedule, WeightedSchedule.Of(weights));

    [Fact]
    public void Shares_are_exact_and_no_stretch_from_the_start_owes_anybody_more_than_a_turn() => Gen.Int[1, 60].Array[1, 20].Sample(static weights =>
    {
        var schedule = WeightedSchedule.Of(Array.ConvertAll(weights, static w => (double)w));
        var counts = new int[weights.Length];
        for (var i = 0; i < schedule.Length; i++)
        {
            counts[schedule[i]]++;
            for (var host = 0; host < weights.Length; host++)
            {
                Assert.True(counts[host] >= Math.Floor((i + 1.0) * weights[host] / weights.Sum()) - 1);
            }
        }

        var divisor = weights.Sum() / schedule.Length;
        Assert.Equal(Array.ConvertAll(weights, w => w / divisor), counts);
    }, iter: 200);

    [Theory]
    [InlineData(new[] { 0.5, 0.25, 0.25 })]
    [InlineData(new[] { 15.4, 70, 14.6 })]
    [InlineData(new[] { 1_000_003.0, 999_983, 17 })]
    [InlineData(new[] { 1e-9, 1e9 })]
    [InlineData(new[] { 1.0, 5e9 })]
    public void Weights_that_do_not_come_out_are_rounded_and_nobody_is_left_out(double[] weights)
    {
        var schedule = WeightedSchedule.Of(weights);

        Assert.InRange(schedule.Length, 1, 8200);
        for (var i = 0; i < weights.Length; i++)
        {
            var turns = schedule.Count(host => host == i);
            Assert.InRange(turns, 1, schedule.Length);
            Assert.Equal(weights[i] / weights.Sum(), turns / (double)schedule.Length, 2e-4);
        }
    }
}
