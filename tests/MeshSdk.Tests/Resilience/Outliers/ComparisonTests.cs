using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;

namespace MeshSdk.Tests.Resilience.Outliers;

/// <summary>The worked numbers of gRFC A50 and of Envoy's documentation; the deviation is that of the population.</summary>
public sealed class ComparisonTests
{
    public static TheoryData<string, int, double, int> Rates => new()
    {
        { "1 1 0", 500, .4310, 2 },
        { "1 1 0", 50, .6431, 2 },
        { "1 1 0", 1900, -.2290, -1 },
        { "1 1 1 0", 1900, -.0727, -1 },
        { "1 1 1 1 0", 1900, .04, 4 },
        { "1 1 1 1 .5", 1900, .52, 4 },
        { "1 1 1 1 1 1 1 1 1 .9", 1900, .933, 9 },
        { ".5 1 1 1 1", 1900, .52, 0 },
        { "1 1 1 1 1", 1900, 1, -1 }, // nobody is below a mean that all of them have
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_success_rate_far_below_the_mean_stands_out(string rates, int factor, double threshold, int outlier)
    {
        double[] parsed = [.. rates.Split(' ').Select(static r => double.Parse(r, CultureInfo.InvariantCulture))];

        Assert.Equal(threshold, Comparison.SuccessRateThreshold(parsed, factor), 0.0001);
        var outliers = Comparison.BySuccessRate(
            new SuccessRateModel(factor, MinimumHosts: 3), [.. parsed.Select(static r => new CallTally((long)(r * 1000), 1000 - (long)(r * 1000)))]);
        Assert.Equal(outlier < 0 ? [] : [outlier], outliers);
    }

    [Theory]
    [InlineData(50, 50, false)] // more than the threshold, where Envoy takes the threshold itself
    [InlineData(49, 51, true)]
    [InlineData(0, 100, true)]
    [InlineData(100, 0, false)]
    public void A_failure_percentage_above_the_threshold_stands_out(int successes, int errors, bool isOutlier) =>
        Assert.Equal(
            isOutlier ? [1] : [],
            Comparison.ByFailurePercentage(new FailurePercentageModel(50, MinimumHosts: 3), [new(100, 0), new(successes, errors), new(100, 0)]));

    [Fact]
    public void All_may_stand_out_by_failure_percentage_and_none_by_success_rate()
    {
        CallTally[] dead = [new(0, 100), new(0, 100), new(0, 100)];
        Assert.Equal([0, 1, 2], Comparison.ByFailurePercentage(new FailurePercentageModel(MinimumHosts: 3), dead));
        Assert.Empty(Comparison.BySuccessRate(new SuccessRateModel(0, MinimumHosts: 3), dead));
    }

    [Theory]
    [InlineData(3, 5, true)]
    [InlineData(4, 5, false)]
    [InlineData(3, 6, false)]
    public void Too_few_endpoints_with_enough_requests_are_not_compared(int hosts, int volume, bool isCompared)
    {
        CallTally[] tallies = [new(5, 0), new(5, 0), new(0, 5), new(0, 4)];
        Assert.Equal(isCompared ? [2] : [], Comparison.BySuccessRate(new SuccessRateModel(500, 100, hosts, volume), tallies));
        Assert.Equal(isCompared ? [2] : [], Comparison.ByFailurePercentage(new FailurePercentageModel(50, 100, hosts, volume), tallies));
    }

    [Fact]
    public void Endpoints_without_requests_are_not_compared_whatever_volume_is_asked_for()
    {
        CallTally[] tallies = [new(0, 0), new(0, 0)];
        Assert.Empty(Comparison.BySuccessRate(new SuccessRateModel(500, 100, 0, 0), tallies));
        Assert.Empty(Comparison.ByFailurePercentage(new FailurePercentageModel(50, 100, 0, 0), tallies));
    }

    [Fact]
    public void Counts_begin_anew_with_each_interval()
    {
        var counts = new CallCounts();
        counts.Count(isError: true);
        counts.Count(isError: false);
        counts.Count(isError: false);
        Assert.Equal(new CallTally(2, 1), counts.Swap());
        counts.Count(isError: true);
        Assert.Equal(new CallTally(0, 1), counts.Swap());
        Assert.Equal(new CallTally(0, 0), counts.Swap());
    }
}
