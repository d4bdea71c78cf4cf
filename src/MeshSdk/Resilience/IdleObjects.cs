using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MeshSdk.Resilience;

/// <summary>Objects between two uses. As many are kept as have lately been in use at once, up to a bound.</summary>
internal sealed class IdleObjects<T>
    where T : class
{
    private const int Most = 512;

    private readonly ConcurrentQueue<T> _idle = new();
    private int _count;

    public bool TryTake([NotNullWhen(true)] out T? idle)
    {
        if (!_idle.TryDequeue(out idle))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <returns>False where there are enough.</returns>
    public bool TryAdd(T idle)
    {
        if (Interlocked.Increment(ref _count) > Most)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _idle.Enqueue(idle);
        return true;
    }
}
