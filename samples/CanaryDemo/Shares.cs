namespace CanaryDemo;

/// <summary>How the calls of a short time were divided.</summary>
/// <param name="Services">The Services, each with the calls that its pods answered, and how many pods that were.</param>
/// <param name="Failed">How many calls failed.</param>
/// <param name="Problem">Why one of them did; null where none did.</param>
internal sealed record Shares(IReadOnlyList<(string Name, int Count, int Pods)> Services, int Failed, string? Problem)
{
    public int Succeeded => Services.Sum(service => service.Count);

    /// <summary>What came between two readings of one tally.</summary>
    public static Shares Between(IReadOnlyDictionary<Reply, int> earlier, IReadOnlyDictionary<Reply, int> later, IReadOnlyList<Pod> pods)
    {
        var replies = later
            .Select(reply => (reply.Key, Count: reply.Value - earlier.GetValueOrDefault(reply.Key)))
            .Where(reply => reply.Count > 0)
            .ToList();
        var failures = replies.Where(reply => !reply.Key.Succeeded).ToList();
        return new Shares(
            [.. pods.GroupBy(pod => pod.Version).Select(ServiceOf)], failures.Sum(failure => failure.Count), failures.FirstOrDefault().Key?.Text.TrimEnd());

        (string, int, int) ServiceOf(IGrouping<string, Pod> version)
        {
            var own = replies.Where(reply => reply.Key.Text == version.First().Hello).ToList();
            return ($"backend-{version.Key}", own.Sum(reply => reply.Count), own.DistinctBy(reply => reply.Key.Endpoint).Count());
        }
    }
}
