namespace MeshSdk.LoadBalancing.Weights;

/// <summary>Draws by weight with two random numbers, however many there are to draw from (Walker's alias method, in the form of Vose).</summary>
internal sealed class AliasTable
{
    // Each column holds a share of its own index, and the rest is that of another.
    private readonly double[] _own;
    private readonly int[] _other;

    /// <param name="weights">At least one; none negative, not all 0.</param>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        _own = new double[weights.Length];
        _other = new int[weights.Length];
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (var i = 0; i < weights.Length; i++)
        {
            _own[i] = weights[i] * weights.Length / sum;
            _other[i] = i;
            (_own[i] < 1 ? small : large).Push(i);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            var (less, more) = (small.Pop(), large.Pop());
            _other[less] = more;
            _own[more] -= 1 - _own[less];
            (_own[more] < 1 ? small : large).Push(more);
        }

        // What is left of either is 1 but for rounding.
        foreach (var i in small.Concat(large))
        {
            _own[i] = 1;
        }
    }

    public int Next(Random random)
    {
        var column = random.Next(_own.Length);
        return random.NextDouble() < _own[column] ? column : _other[column];
    }
}
