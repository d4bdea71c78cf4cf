using System.Collections.Concurrent;

namespace MeshSdk.Resilience;

/// <summary>The deadlines that are not in use. As many are kept as have lately been in use at once, up to a bound.</summary>
internal sealed class DeadlinePool(TimeProvider time)
{
    private const int MaxIdle = 512;

    private readonly ConcurrentQueue<Deadline> _idle = new();
    private int _count;

    /// <summary>Starts one; whoever rents it disposes of it.</summary>
    /// <param name="timeout">More than zero.</param>
    /// <param name="above">Ends it too.</param>
    public Deadline Rent(TimeSpan timeout, CancellationToken above)
    {
        if (_idle.TryDequeue(out var deadline))
        {
            Interlocked.Decrement(ref _count);
        }
        else
        {
            deadline = new Deadline(this, time);
        }

        deadline.Start(timeout, above);
        return deadline;
    }

    /// <returns>False where there are enough.</returns>
    public bool TryAdd(Deadline deadline)
    {
        if (Interlocked.Increment(ref _count) > MaxIdle)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _idle.Enqueue(deadline);
        return true;
    }
}
