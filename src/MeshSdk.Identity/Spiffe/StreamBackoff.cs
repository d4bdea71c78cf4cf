namespace MeshSdk.Identity.Spiffe;

/// <summary>How long to wait before the stream is opened again: 1 s, 2 s, … 30 s, each up to a tenth longer, so that the pods of a node do not all come at once.</summary>
internal sealed class StreamBackoff(Random random)
{
    private const int Longest = 30;
    private int _failures;

    public TimeSpan Next()
    {
        _failures = Math.Min(_failures + 1, Longest);
        return TimeSpan.FromSeconds(_failures * (1 + (0.1 * random.NextDouble())));
    }

    /// <summary>It went well.</summary>
    public void Reset() => _failures = 0;
}
