namespace MeshSdk.LoadBalancing;

/// <summary>Whose turn it is. Starts anywhere, so that a thousand fresh processes do not all begin with the same pod.</summary>
internal sealed class Rotation(Random random)
{
    private PaddedCounter _next = new((uint)random.Next());

    /// <summary>The next number, one after the other; after the highest comes 0.</summary>
    public uint Next() => (uint)_next.Increment();

    /// <summary>The next index below a bound, one after the other.</summary>
    public int Next(int bound) => (int)(Next() % (uint)bound);
}
