using System.Collections.Immutable;

namespace MeshSdk.LoadBalancing.Weights;

/// <summary>
/// Turns by weight, written out: what an earliest-deadline-first queue gives for weights that stand still, which repeats itself after as many turns as the
/// weights come to. Taking the next turn is then a counter and a look into an array, where a queue would need a lock.
/// </summary>
internal static class WeightedSchedule
{
    /// <summary>The longest that is exact.</summary>
    public const int LongestExact = 65_536;

    // How many turns weights share that do not come out, or not within that; every endpoint has one at least.
    private const int Rounded = 8192;

    /// <param name="weights">All positive.</param>
    /// <returns>Whose turn it is: indexes of weights.</returns>
    public static ImmutableArray<int> Of(ReadOnlySpan<double> weights)
    {
        var turns = Turns(weights);
        var schedule = ImmutableArray.CreateBuilder<int>((int)turns.Sum());
        var queue = new PriorityQueue<int, (double Deadline, int Order)>(turns.Length);
        var taken = new int[turns.Length];
        for (var i = 0; i < turns.Length; i++)
        {
            queue.Enqueue(i, (1.0 / turns[i], i));
        }

        for (var order = turns.Length; schedule.Count < schedule.Capacity; order++)
        {
            var i = queue.Peek();
            schedule.Add(i);
            taken[i]++;

            // Divided anew each time, and not added up: equal deadlines then are equal, and the one that came first is first.
            queue.DequeueEnqueue(i, ((taken[i] + 1) / (double)turns[i], order));
        }

        return schedule.MoveToImmutable();
    }

    private static long[] Turns(ReadOnlySpan<double> weights)
    {
        var exact = new long[weights.Length];
        long divisor = 0;
        double sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            exact[i] = weights[i] == Math.Floor(weights[i]) && weights[i] <= int.MaxValue ? (long)weights[i] : 0;
            divisor = exact[i] == 0 || (i > 0 && divisor == 0) ? 0 : GreatestCommonDivisor(exact[i], divisor);
        }

        if (divisor > 0 && exact.Sum() / divisor <= LongestExact)
        {
            return Array.ConvertAll(exact, weight => weight / divisor);
        }

        var rounded = new long[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            rounded[i] = Math.Max(1, (long)Math.Round(weights[i] / sum * Rounded));
        }

        return rounded;
    }

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
