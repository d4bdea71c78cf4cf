using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;

namespace MeshSdk.Tests.Resilience.Outliers;

/// <summary>The cases that gRPC tests its own detectors with, on three endpoints. Its cap lets one go always, which is an option here.</summary>
public sealed class ComparedEndpointTests
{
    private static readonly OutlierDetectionModel Off = new() { Consecutive5xx = 0, MaxEjectionPercent = 10, AlwaysEjectsOne = true };

    private static readonly OutlierDetectionModel ByFailures = Off with { FailurePercentage = new FailurePercentageModel(50, 100, 3, 3) };

    private static readonly OutlierDetectionModel ByRate = Off with { SuccessRate = new SuccessRateModel(500, 100, 3, 3) };

    public static TheoryData<string, string> Algorithms => new() { { "failures", "FailurePercentage" }, { "rate", "SuccessRate" } };

    private static OutlierDetectionModel ModelOf(string name) => name == "rate" ? ByRate : ByFailures;

    private static OutlierDetectionModel Enforced(OutlierDetectionModel model, int percent) => model with
    {
        SuccessRate = model.SuccessRate is { } rate ? rate with { Enforcement = percent } : null,
        FailurePercentage = model.FailurePercentage is { } failures ? failures with { Enforcement = percent } : null,
    };

    private static void Call(WatchedEndpoints watched, string answers)
    {
        foreach (var (index, status) in answers.Split(' ').Index())
        {
            watched.Answer(index, int.Parse(status), 5);
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void One_of_three_that_fails_is_ejected_at_the_tick_and_returns(string algorithm, string reason)
    {
        using var watched = new WatchedEndpoints(ModelOf(algorithm), 3);
        Call(watched, "200 200 503");
        Assert.Equal(0, watched.Ejected);
        watched.Tick();
        Assert.True(watched.Endpoints[2].IsEjected);
        Assert.Equal(reason, Assert.Single(watched.News).Reason.ToString());
        watched.Tick(2);
        Assert.True(watched.Endpoints[2].IsEjected);
        watched.Tick();
        Assert.Equal("Ejected Returned", watched.Kinds());
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void None_is_ejected_where_none_fails(string algorithm, string reason)
    {
        using var watched = new WatchedEndpoints(ModelOf(algorithm), 3);
        Call(watched, "200 200 404");
        watched.Tick(5);
        Assert.Empty(watched.News);
        Assert.NotNull(reason);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Without_enforcement_it_is_only_told(string algorithm, string reason)
    {
        using var watched = new WatchedEndpoints(Enforced(ModelOf(algorithm), 0), 3);
        Call(watched, "200 200 503");
        watched.Tick();
        Assert.Equal("Unenforced", watched.Kinds());
        Assert.Equal(reason, Assert.Single(watched.News).Reason.ToString());
        Assert.Equal(0, watched.Ejected);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void None_is_ejected_where_none_may_be(string algorithm, string reason)
    {
        using var watched = new WatchedEndpoints(ModelOf(algorithm) with { MaxEjectionPercent = 0, AlwaysEjectsOne = false }, 3);
        Call(watched, "200 200 503");
        watched.Tick();
        Assert.Equal("Overflow", watched.Kinds());
        Assert.Equal(reason, Assert.Single(watched.News).Reason.ToString());
        Assert.Equal(0, watched.Ejected);
    }

    [Fact]
    public void Of_a_hundred_times_it_is_enforced_about_as_often_as_it_should_be()
    {
        var random = new Random(7);
        var enforced = 0;
        for (var i = 0; i < 1000; i++)
        {
            using var watched = new WatchedEndpoints(Enforced(ByFailures, 30), 3, random);
            Call(watched, "200 200 503");
            watched.Tick();
            enforced += watched.Ejected;
        }

        Assert.InRange(enforced, 250, 350);
    }

    [Fact]
    public void Those_that_are_ejected_do_not_count_in_what_is_usual()
    {
        using var watched = new WatchedEndpoints(ByFailures with { MaxEjectionPercent = 100 }, 4);
        Call(watched, "200 200 200 503");
        watched.Tick();
        Assert.Equal(1, watched.Ejected);

        // Three are left and enough.
        Call(watched, "503 200 200");
        watched.Answer(3, 503, 5); // still under way
        watched.Tick();
        Assert.True(watched.Endpoints[0].IsEjected);
        Assert.Equal("Ejected Ejected", watched.Kinds());

        // Two are not.
        Call(watched, "200 503 503");
        watched.Tick();
        Assert.Equal("Ejected Ejected", watched.Kinds());
    }

    [Fact]
    public void What_was_before_the_last_tick_no_longer_counts()
    {
        using var watched = new WatchedEndpoints(ByFailures, 3);
        watched.Answer(2, 503, 2);
        watched.Tick();
        watched.Answer(2, 503, 2);
        watched.Answer(0, 200, 5);
        watched.Answer(1, 200, 5);
        watched.Tick();
        Assert.Empty(watched.News); // two requests are not enough, and four in two intervals are not either
    }

    [Fact]
    public void There_is_a_timer_while_endpoints_are_compared_and_none_afterwards()
    {
        using var watched = new WatchedEndpoints(ByRate, 3);
        Assert.True(watched.Detector.IsWaiting);
        watched.Tick(10);
        Assert.True(watched.Detector.IsWaiting);
        watched.Apply(static m => m with { SuccessRate = null });
        Assert.False(watched.Detector.IsWaiting);
        Assert.Null(watched.Monitor(0).Calls);
    }

    [Fact]
    public void Both_comparisons_and_the_counts_in_a_row_work_side_by_side()
    {
        using var watched = new WatchedEndpoints(
            ByRate with { Consecutive5xx = 4, MaxEjectionPercent = 100, FailurePercentage = ByFailures.FailurePercentage }, 6);
        watched.Answer(0, 500, 4);
        Assert.Equal(EjectionReason.Consecutive5xx, Assert.Single(watched.News).Reason);
        for (var i = 0; i < 6; i++)
        {
            watched.Answer(1, i % 2 == 0 ? 500 : 200);
            watched.Answer(2, i % 3 == 0 ? 200 : 500);
            watched.Answer(3, 200);
            watched.Answer(4, 200);
            watched.Answer(5, 200);
        }

        watched.Tick();
        Assert.Equal(
            [(0, EjectionReason.Consecutive5xx), (1, EjectionReason.SuccessRate), (2, EjectionReason.SuccessRate)],
            watched.News.Select(n => (Array.IndexOf(watched.Endpoints, n.Endpoint), n.Reason)));
    }
}
