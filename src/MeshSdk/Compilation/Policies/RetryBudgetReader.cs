using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>Reads <c>retryBudget</c>, which takes the place of <c>connectionPool.http.maxRetries</c>.</summary>
internal static class RetryBudgetReader
{
    /// <returns>Null where there is none, or none that can be read.</returns>
    public static RetryShare? Read(PolicyBlock block)
    {
        block = block.Mapping().OnlyKnown("percent", "minRetryConcurrency", "budgetInterval");
        if (!block.Exists)
        {
            return null;
        }

        var defaults = new RetryShare();
        return new RetryShare(
            block.Fraction("percent", 0, 100) ?? defaults.Percent,
            block.Limit("minRetryConcurrency", uint.MaxValue) ?? defaults.MinConcurrency,
            block.Duration("budgetInterval", TimeSpan.Zero) ?? defaults.Interval);
    }
}
