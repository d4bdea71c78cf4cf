using MeshSdk.LoadBalancing;

namespace MeshSdk.Routing;

/// <summary>
/// Divides requests by weight without dice. The weights reduce to a period (90/10 → 10); each run of one period holds exactly its shares,
/// at positions that a keyed permutation makes random run by run. So 20 requests give 18/2 and any 20 in a row 17 to 19, where dice give
/// 14 to 20; and a workload with a rhythm of its own cannot fall into step with the split.
/// </summary>
internal sealed class WeightedSplit
{
    /// <summary>Longer periods would need that many requests to be exact; a Weyl sequence is closer to the shares before that.</summary>
    public const int MaxPeriod = 4096;

    private const int Rounds = 6;

    // Cumulative weights, in units of the greatest common divisor.
    private readonly ulong[] _bounds;
    private readonly ulong _period;
    private readonly ulong _key;
    private PaddedCounter _counter = new(0);

    /// <param name="weights">At least one is positive.</param>
    /// <param name="random">Draws the key.</param>
    public WeightedSplit(ReadOnlySpan<int> weights, Random random)
    {
        Weights = weights.ToArray();
        var divisor = 0UL;
        foreach (var weight in weights)
        {
            divisor = GreatestCommonDivisor(divisor, (ulong)weight);
        }

        ArgumentOutOfRangeException.ThrowIfZero(divisor, nameof(weights));
        _bounds = new ulong[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            _period += (ulong)weights[i] / divisor;
            _bounds[i] = _period;
        }

        _key = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
    }

    public ReadOnlyMemory<int> Weights { get; }

    /// <summary>The index of the backend that the next request goes to.</summary>
    public int Next()
    {
        var n = _counter.Increment();
        var position = _period <= MaxPeriod ? Stratified(n) : Weyl(n);
        var i = 0;
        while (position >= _bounds[i])
        {
            i++;
        }

        return i;
    }

    private ulong Stratified(ulong n)
    {
        var run = n / _period;
        return Permute((uint)(n - (run * _period)), (uint)_period, Mix(run ^ _key));
    }

    /// <summary>
    /// A bijection on [0, size) that <paramref name="hash"/> selects: a turn, after which every slot is as likely as any other to be anywhere, then a
    /// few rounds of swap-or-not, each of which pairs every element with its mirror image about a random point and swaps half of the pairs.
    /// </summary>
    private static uint Permute(uint slot, uint size, ulong hash)
    {
        hash = Step(hash);
        slot += Below(size, hash);
        slot -= slot >= size ? size : 0;
        for (var round = 0; round < Rounds; round++)
        {
            hash = Step(hash);
            var pivot = Below(size, hash);
            var mirror = pivot >= slot ? pivot - slot : pivot + size - slot;
            var pair = (Math.Max(slot, mirror) * 0x9E3779B97F4A7C15) ^ hash;
            if ((Mix(pair) & 1) != 0)
            {
                slot = mirror;
            }
        }

        return slot;
    }

    // Steps of the golden ratio around a circle: every stretch of requests is spread about as evenly as it can be.
    private ulong Weyl(ulong n) => Math.BigMul(_key + (n * 0x9E3779B97F4A7C15), _period, out _);

    private static ulong Step(ulong hash) => (hash * 0xD1342543DE82EF95) + 0x2545F4914F6CDD1D;

    // Maps the upper half of a hash to [0, size).
    private static uint Below(uint size, ulong hash) => (uint)(((hash >> 32) * size) >> 32);

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
        return x ^ (x >> 32);
    }

    private static ulong GreatestCommonDivisor(ulong a, ulong b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
