namespace MeshSdk.Resilience;

/// <summary>The deadlines that are not in use.</summary>
internal sealed class DeadlinePool(TimeProvider time)
{
    private readonly IdleObjects<Deadline> _idle = new();

    /// <summary>Starts one; whoever rents it disposes of it.</summary>
    /// <param name="timeout">More than zero.</param>
    /// <param name="above">Ends it too.</param>
    public Deadline Rent(TimeSpan timeout, CancellationToken above)
    {
        if (!_idle.TryTake(out var deadline))
        {
            deadline = new Deadline(this, time);
        }

        deadline.Start(timeout, above);
        return deadline;
    }

    /// <returns>False where there are enough.</returns>
    public bool TryAdd(Deadline deadline) => _idle.TryAdd(deadline);
}
