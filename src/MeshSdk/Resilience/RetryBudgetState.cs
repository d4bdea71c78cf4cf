using MeshSdk.Model;

namespace MeshSdk.Resilience;

/// <summary>
/// Keeps the retries to a cluster within a share of all requests to it, so that a cluster in trouble is not finished off by those who try again.
/// Counts what this process sends. A cluster without a budget has no such object, and its requests pay nothing.
/// </summary>
internal sealed class RetryBudgetState(RetryBudget budget, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SlidingCount _requests = new(budget.Interval, time);
    private readonly SlidingCount _retries = new(budget.Interval, time);
    private readonly SlidingCount _granted = new(budget.MinInterval, time);

    public RetryBudget Budget { get; } = budget;

    /// <summary>A request goes out, a retry or not.</summary>
    public void Sending()
    {
        lock (_gate)
        {
            _requests.Add();
        }
    }

    /// <summary>Asks for one retry more; call <see cref="Sending"/> too when it goes out.</summary>
    /// <returns>False where that would be one too many.</returns>
    public bool TryRetry()
    {
        lock (_gate)
        {
            // The one that is asked for is a request as well.
            var isWithinShare = (_retries.Total + 1) * 100 <= Budget.Percent * (_requests.Total + 1);
            if (!isWithinShare && _granted.Total >= Budget.MinRetries)
            {
                return false;
            }

            _retries.Add();
            _granted.Add();
            return true;
        }
    }
}
