using MeshSdk.Model;

namespace MeshSdk.Resilience.Outliers;

/// <summary>Finds those that stand out among endpoints, by what they did in one interval (gRFC A50).</summary>
internal static class Comparison
{
    /// <summary>Those whose success rate is below the mean by more standard deviations than the policy allows.</summary>
    /// <param name="model">The policy.</param>
    /// <param name="tallies">Of the endpoints that are not ejected.</param>
    /// <returns>Their places in <paramref name="tallies"/>.</returns>
    public static IReadOnlyList<int> BySuccessRate(SuccessRateModel model, IReadOnlyList<CallTally> tallies)
    {
        var eligible = Eligible(tallies, model.RequestVolume, model.MinimumHosts);
        if (eligible.Count == 0)
        {
            return [];
        }

        var threshold = SuccessRateThreshold([.. eligible.Select(i => tallies[i].SuccessRate)], model.StdevFactor);
        return [.. eligible.Where(i => tallies[i].SuccessRate < threshold)];
    }

    /// <summary>Those of whose requests more than the policy allows have failed.</summary>
    /// <inheritdoc cref="BySuccessRate"/>
    public static IReadOnlyList<int> ByFailurePercentage(FailurePercentageModel model, IReadOnlyList<CallTally> tallies) =>
        [.. Eligible(tallies, model.RequestVolume, model.MinimumHosts).Where(i => tallies[i].FailurePercentage > model.Threshold)];

    /// <summary>The mean less so many thousandths of the standard deviation of the whole population.</summary>
    public static double SuccessRateThreshold(IReadOnlyCollection<double> rates, int factor)
    {
        var mean = rates.Average();
        var variance = rates.Sum(rate => (rate - mean) * (rate - mean)) / rates.Count;
        return mean - (Math.Sqrt(variance) * factor / 1000);
    }

    // Too few requests say nothing of an endpoint, and too few endpoints nothing of what is usual.
    private static List<int> Eligible(IReadOnlyList<CallTally> tallies, int volume, int hosts)
    {
        var eligible = Enumerable.Range(0, tallies.Count).Where(i => tallies[i].Total > 0 && tallies[i].Total >= volume).ToList();
        return eligible.Count >= hosts ? eligible : [];
    }
}
