using CsCheck;
using MeshSdk.LoadBalancing.Weights;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.LoadBalancing.Weights;

public sealed class DeadlinePickerTests
{
    private static DeadlinePicker Picker(MeshSdk.Transport.EndpointState[] endpoints, double[] weights, int seed) =>
        new(endpoints, new MovingWeights(weights, CountsRequests: false), new Random(seed));

    [Fact]
    public void Shares_of_weights_that_stand_still_are_exact_to_the_pick() => Gen.Select(Gen.Int[1, 50].Array[2, 15], Gen.Int[1, 5], Gen.Int).Sample(
        static (weights, periods, seed) =>
        {
            var endpoints = Endpoints.Ready(weights.Length);
            var picker = Picker(endpoints, Array.ConvertAll(weights, static w => (double)w), seed);
            var counts = endpoints.Counts(periods * weights.Sum(), () => picker.Pick(0));

            // Each starts somewhere in its first period; wherever the last pick falls, nobody is off by more than that of one at either end.
            Assert.All(weights.Select((w, i) => counts[i] - (periods * w)), static error => Assert.InRange(error, -1, 1));
        }, iter: 200);

    [Fact]
    public async Task Shares_are_exact_among_parallel_callers()
    {
        var endpoints = Endpoints.Ready(3);
        var picker = Picker(endpoints, [1, 2, 5], 1);

        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => endpoints.Counts(8000, () => picker.Pick(0)))));

        int[] expected = [4000, 8000, 20_000];
        Assert.All(expected.Select((e, i) => counts.Sum(c => c[i]) - e), static error => Assert.InRange(error, -1, 1));
    }

    // After each change of health there is a new picker; were its start always the same, some would get nothing.
    [Fact]
    public void Pickers_that_are_used_once_are_as_fair()
    {
        var endpoints = Endpoints.Ready(3);
        var random = new Random(1);

        var counts = endpoints.Counts(9000, () => new DeadlinePicker(endpoints, new MovingWeights([1, 1, 1], CountsRequests: false), random).Pick(0));

        Assert.All(counts, static count => Assert.InRange(count, 2800, 3200));
    }
}
