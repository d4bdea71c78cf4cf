using MeshSdk.LoadBalancing;

namespace MeshSdk.Routing;

/// <summary>
/// Divides requests by weight without dice. The weights reduce to a period (90/10 → 10); each run of one period holds exactly its shares,
/// at positions that a keyed hash makes random run by run. So 20 requests give 18/2 and any 20 in a row 17 to 19, where dice give
/// 14 to 20; and a workload with a rhythm of its own cannot fall into step with the split.
/// </summary>
internal sealed class WeightedSplit
{
    /// <summary>Longer periods would need that many requests to be exact; a Weyl sequence is closer to the shares before that.</summary>
    public const int MaxPeriod = 4096;

    private const int MaxOrders = 16;
    private const int EnoughSlots = 512;

    // Cumulative weights, in units of the greatest common divisor.
    private readonly ulong[] _bounds;
    private readonly ulong _period;
    private readonly ulong _key;

    // For each slot of a run the backend, in several orders one after the other. Shuffled here, once: a permutation worked out for each
    // request costs more than everything else that routing does.
    private readonly ushort[] _slots = [];
    private readonly uint _orders;
    private PaddedCounter _counter = new(0);

    /// <param name="weights">At least one is positive.</param>
    /// <param name="random">Draws the key and the orders.</param>
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
        if (_period <= MaxPeriod && weights.Length <= ushort.MaxValue)
        {
            _orders = (uint)Math.Clamp(EnoughSlots / (int)_period, 1, MaxOrders);
            _slots = Shuffled((int)_period, (int)_orders, random);
        }
    }

    public ReadOnlyMemory<int> Weights { get; }

    /// <summary>The index of the backend that the next request goes to.</summary>
    public int Next()
    {
        var n = _counter.Increment();
        return _orders > 0 ? Stratified(n) : BackendAt(Weyl(n));
    }

    // Each run takes one of the orders, and begins anywhere in it.
    private int Stratified(ulong n)
    {
        var period = (uint)_period;
        var run = n / period;
        var hash = Mix(run ^ _key);
        var order = (uint)(((hash >> 32) * _orders) >> 32);
        var slot = (uint)(n - (run * period)) + (uint)(((hash & uint.MaxValue) * period) >> 32);
        return _slots[(order * period) + (slot < period ? slot : slot - period)];
    }

    // Steps of the golden ratio around a circle: every stretch of requests is spread about as evenly as it can be.
    private ulong Weyl(ulong n) => Math.BigMul(_key + (n * 0x9E3779B97F4A7C15), _period, out _);

    private int BackendAt(ulong position)
    {
        var i = 0;
        while (position >= _bounds[i])
        {
            i++;
        }

        return i;
    }

    private ushort[] Shuffled(int period, int orders, Random random)
    {
        var slots = new ushort[period * orders];
        for (var order = 0; order < orders; order++)
        {
            var slice = slots.AsSpan(order * period, period);
            for (var i = 0; i < period; i++)
            {
                slice[i] = (ushort)BackendAt((ulong)i);
            }

            random.Shuffle(slice);
        }

        return slots;
    }

    // Neighbouring runs must have nothing in common; one multiplication would leave a constant step between them.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
        return x ^ (x >> 32);
    }

    private static ulong GreatestCommonDivisor(ulong a, ulong b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
