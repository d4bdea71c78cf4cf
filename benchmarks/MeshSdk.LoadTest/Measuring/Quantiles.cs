namespace MeshSdk.LoadTest.Measuring;

/// <summary>Of a set of times.</summary>
internal sealed class Quantiles
{
    private readonly double[] _sorted;

    public Quantiles(IEnumerable<double> values) => _sorted = [.. values.Order()];

    public int Count => _sorted.Length;

    public double Median => _sorted[_sorted.Length / 2];

    public double P99 => _sorted[_sorted.Length * 99 / 100];

    public double Largest => _sorted[^1];
}
