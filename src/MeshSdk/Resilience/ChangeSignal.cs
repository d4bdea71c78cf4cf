namespace MeshSdk.Resilience;

/// <summary>
/// Tells those who wait for a change that there was one. Whoever waits asks for <see cref="Next"/> first and looks at what may change after that, so that
/// no change falls between the two. Costs a field where nobody waits.
/// </summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource? _next;

    /// <summary>Completes with the next change.</summary>
    public Task Next
    {
        get
        {
            if (Volatile.Read(ref _next) is { } awaited)
            {
                return awaited.Task;
            }

            // Not on the thread that makes the change: it is a writer's, or one that ends somebody's request.
            var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _next, next, null) ?? next).Task;
        }
    }

    /// <summary>Whether somebody has asked for the next change, for tests.</summary>
    public bool IsAwaited => Volatile.Read(ref _next) is not null;

    /// <summary>Call after the change. An exchange is a full fence: who is not woken sees what was changed.</summary>
    public void Raise() => Interlocked.Exchange(ref _next, null)?.TrySetResult();
}
