namespace MeshSdk.Model;

/// <summary>How many of the requests to a cluster may be retries.</summary>
/// <param name="Percent">Of all requests within <paramref name="Interval"/>, 0 to 100.</param>
/// <param name="Interval">The stretch of time that is looked at.</param>
/// <param name="MinRetries">So many retries are allowed in any <paramref name="MinInterval"/>, whatever the percentage.</param>
/// <param name="MinInterval">The stretch of time for <paramref name="MinRetries"/>.</param>
internal sealed record RetryBudget(int Percent, TimeSpan Interval, int MinRetries, TimeSpan MinInterval);
