using System.Runtime.InteropServices;

namespace MeshSdk.Transport;

/// <summary>
/// Counts the requests to all endpoints of a cluster, and lets no more in than its limit. Exact, however many ask at once: what is counted never exceeds
/// the limit, not even for a moment.
/// </summary>
internal sealed class RequestBreaker
{
    private PaddedCount _active;
    private volatile int _limit = int.MaxValue;

    public int Active => Volatile.Read(ref _active.Value);

    /// <summary>May be lowered below what is under way; then nothing is let in until enough of that has ended.</summary>
    public int Limit
    {
        get => _limit;
        set => _limit = value;
    }

    /// <returns>False where there are as many as may be. Else <see cref="Exit"/> is owed.</returns>
    public bool TryEnter()
    {
        var active = Active;
        while (active < _limit)
        {
            var found = Interlocked.CompareExchange(ref _active.Value, active + 1, active);
            if (found == active)
            {
                return true;
            }

            active = found;
        }

        return false;
    }

    public void Exit() => Interlocked.Decrement(ref _active.Value);

    // Every request writes it, while the neighbours are only read.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct PaddedCount
    {
        [FieldOffset(64)]
        public int Value;
    }
}
