namespace MeshSdk.Http.Bodies;

/// <summary>What is kept of the bodies of all gRPC calls of a mesh at once, within a bound: streams that nobody answers are kept as long as they are.</summary>
internal sealed class KeptTotal
{
    /// <summary>The most that is kept of one call, and of all: what gRPC clients keep by default.</summary>
    public const int MostOfOne = 1024 * 1024;

    private const long Most = 16 * MostOfOne;

    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    /// <returns>False where it would be too much, and nothing is taken.</returns>
    public bool TryAdd(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= Most)
        {
            return true;
        }

        Remove(bytes);
        return false;
    }

    public void Remove(int bytes) => Interlocked.Add(ref _bytes, -bytes);
}
