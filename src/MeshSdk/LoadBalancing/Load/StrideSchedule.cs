namespace MeshSdk.LoadBalancing.Load;

/// <summary>
/// Turns by weight without a queue: all endpoints are gone through again and again, and each is passed over so often that its share is that of its weight
/// (the static stride of gRPC). Weights can be anything, and change every second: to make one costs a pass over them, and a pick a counter.
/// </summary>
/// <remarks>
/// A weight counts for no more than ten times the mean, so that on the average no more than about ten endpoints are passed over for one that is picked, and for no
/// less than a hundredth of it, so that nobody is left without the requests with whose responses reports come.
/// </remarks>
internal sealed class StrideSchedule
{
    private const double HighestShare = 10;
    private const double LowestShare = 0.01;

    // Shifts the turns at which neighbours of equal weight are passed over against each other.
    private const uint Offset = ushort.MaxValue / 2;

    private readonly ushort[] _weights;

    private StrideSchedule(ushort[] weights) => _weights = weights;

    /// <summary>As scaled: the heaviest has 65535.</summary>
    public ReadOnlySpan<ushort> Weights => _weights;

    /// <param name="weights">At least one; all positive, and numbers.</param>
    public static StrideSchedule Of(ReadOnlySpan<double> weights)
    {
        var (highest, mean) = Bounds(weights);
        var lowest = Math.Max(1, Math.Round(LowestShare * mean / highest * ushort.MaxValue));
        var scaled = new ushort[weights.Length];
        for (var i = 0; i < scaled.Length; i++)
        {
            scaled[i] = (ushort)Math.Max(lowest, Math.Round(Math.Min(weights[i], highest) / highest * ushort.MaxValue));
        }

        return new StrideSchedule(scaled);
    }

    /// <summary>The highest weight that counts in full, and the mean of what counts of all.</summary>
    private static (double Highest, double Mean) Bounds(ReadOnlySpan<double> weights)
    {
        var highest = double.MaxValue;
        while (true)
        {
            double counted = 0;
            double mean = 0;
            foreach (var weight in weights)
            {
                counted = Math.Max(counted, Math.Min(weight, highest));
                mean += Math.Min(weight, highest) / weights.Length;
            }

            // What is cut off lowers the mean, and with it what may be. Each time it is a tenth less at least, or it is near enough.
            if (counted <= HighestShare * mean * 1.1)
            {
                return (counted, mean);
            }

            highest = HighestShare * mean;
        }
    }

    /// <returns>Whose turn it is: an index of weights.</returns>
    public int Next(Rotation rotation)
    {
        // The heaviest is never passed over: this ends.
        while (true)
        {
            var turn = rotation.Next();
            var index = turn % (uint)_weights.Length;
            if (IsPicked(_weights[index], turn / (uint)_weights.Length, index))
            {
                return (int)index;
            }
        }
    }

    private static bool IsPicked(ushort weight, uint round, uint index) =>
        (((ulong)weight * round) + ((ulong)index * Offset)) % ushort.MaxValue >= (uint)(ushort.MaxValue - weight);
}
