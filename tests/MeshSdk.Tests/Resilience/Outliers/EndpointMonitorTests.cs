using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Resilience.Outliers;

/// <summary>What is counted of one endpoint, as Envoy counts it.</summary>
public sealed class EndpointMonitorTests
{
    // More endpoints than are needed: nobody is spared because of the others.
    private static readonly OutlierDetectionModel Model = new() { Consecutive5xx = 5, MaxEjectionPercent = 100 };

    // Statuses in order; c a failed connect, r a reset, t a timeout, a the caller's own end.
    public static TheoryData<string, string, string> Sequences => new()
    {
        { "5xx", "500 500 500 500", "4/0/0" },
        { "5xx", "500 500 500 500 500", "Consecutive5xx" },
        { "5xx", "500 501 502 503 504", "Consecutive5xx" },
        { "5xx", "500 500 500 500 200 500 500 500 500", "4/0/0" },
        { "5xx", "500 500 500 500 404 500 500 500 500", "4/0/0" },
        { "5xx", "500 500 500 500 101 500", "1/0/0" },
        { "5xx", "600 999", "0/0/0" },
        { "5xx", "c r t 500 c", "Consecutive5xx" },
        { "5xx", "c c c c a a a", "4/0/0" },
        { "5xx", "c c c c a c", "Consecutive5xx" },
        { "gateway 3", "502 503", "2/2/0" },
        { "gateway 3", "502 503 504", "ConsecutiveGatewayErrors" },
        { "gateway 3", "502 503 500 504", "4/1/0" }, // another 5xx begins anew
        { "gateway 3", "502 503 200 504", "1/1/0" },
        { "gateway 3", "502 503 404 504", "1/1/0" },
        { "gateway 3", "c r t", "ConsecutiveGatewayErrors" },
        { "gateway 5", "502 502 502 502 502", "ConsecutiveGatewayErrors" }, // both thresholds at once: the first to be looked at
        { "gateway 9", "502 502 502 502 502", "Consecutive5xx" },
        { "gateway only 3", "500 500 500 500 500 500", "0/0/0" },
        { "gateway only 3", "500 502 502 502", "ConsecutiveGatewayErrors" },
        { "split 3", "c c", "0/0/2" },
        { "split 3", "c r t", "ConsecutiveLocalOriginFailures" },
        { "split 3", "c c 500 c c", "1/0/2" }, // whoever answers was connected to
        { "split 3", "500 500 500 500 c c", "4/0/2" },
        { "split 3", "500 500 500 500 c c 500", "Consecutive5xx" },
        { "split 3", "500 500 500 500 c c 200", "0/0/0" },
        { "codes 404 503", "404 404 404 404 404", "Consecutive5xx" },
        { "codes 404 503", "404 404 500 404", "1/0/0" }, // 500 is not listed, and so is no error
        { "codes 404 503", "500 500 500 500 500 500", "0/0/0" },
        { "codes 404 503", "404 503 c r t", "Consecutive5xx" }, // no code has to list what never came
        { "codes 404 503 gateway 2", "503 404 503", "3/1/0" },
        { "codes 404 503 gateway 2", "503 503", "ConsecutiveGatewayErrors" },
    };

    [Theory]
    [MemberData(nameof(Sequences))]
    public void Errors_in_a_row_lead_to_ejection_at_the_threshold(string policy, string outcomes, string expected)
    {
        using var watched = new WatchedEndpoints(Policy(policy), 1);
        var monitor = watched.Monitor(0);
        foreach (var outcome in outcomes.Split(' '))
        {
            Assert.Empty(watched.News); // never sooner
            Record(monitor, outcome);
        }

        Assert.Equal(
            expected,
            watched.News.Count > 0
                ? string.Join(' ', watched.News.Select(static n => n.Reason))
                : $"{monitor.Counts.Errors}/{monitor.Counts.GatewayErrors}/{monitor.Counts.LocalFailures}");
    }

    [Fact]
    public void An_endpoint_that_may_not_be_ejected_is_tried_again_after_as_many_errors_more()
    {
        using var watched = new WatchedEndpoints(Model with { MaxEjectionPercent = 10 }, 3);
        watched.Answer(0, 500, 14);
        Assert.Equal("Overflow Overflow", watched.Kinds());
        Assert.Equal(4, watched.Monitor(0).Counts.Errors);
        Assert.Equal(0, watched.Refreshes);
        watched.Answer(0, 500);
        Assert.Equal("Overflow Overflow Overflow", watched.Kinds());
    }

    [Fact]
    public void Only_the_count_that_led_to_the_try_begins_anew()
    {
        using var watched = new WatchedEndpoints(Model with { MaxEjectionPercent = 10, ConsecutiveGatewayErrors = 3 }, 3);
        watched.Answer(0, 503, 3);
        Assert.Equal(EjectionReason.ConsecutiveGatewayErrors, Assert.Single(watched.News).Reason);
        Assert.Equal((3, 0, 0), watched.Monitor(0).Counts);
        watched.Answer(0, 503, 2);
        Assert.Equal([EjectionReason.ConsecutiveGatewayErrors, EjectionReason.Consecutive5xx], watched.News.Select(static n => n.Reason));
        Assert.Equal((0, 2, 0), watched.Monitor(0).Counts);
    }

    [Fact]
    public void What_is_still_under_way_to_an_ejected_endpoint_ejects_nobody_and_is_forgotten_at_its_return()
    {
        using var watched = new WatchedEndpoints(Model, 2);
        watched.Answer(0, 500, 12);
        Assert.Equal("Ejected", watched.Kinds());
        watched.Tick(3);
        Assert.Equal("Ejected Returned", watched.Kinds());
        Assert.Equal((0, 0, 0), watched.Monitor(0).Counts);
        watched.Answer(0, 500, 4);
        Assert.Equal("Ejected Returned", watched.Kinds());
        watched.Answer(0, 500);
        Assert.Equal("Ejected Returned Ejected", watched.Kinds());
    }

    [Fact]
    public async Task Of_many_that_fail_at_once_one_leads_to_the_ejection()
    {
        for (var round = 0; round < 20; round++)
        {
            using var watched = new WatchedEndpoints(Model with { Consecutive5xx = 1000 }, 1);
            await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => watched.Answer(0, 503))));
            Assert.Equal("Ejected", watched.Kinds());
        }
    }

    private static OutlierDetectionModel Policy(string text)
    {
        var words = text.Split(' ');
        var model = Model;
        for (var i = 0; i < words.Length; i++)
        {
            model = words[i] switch
            {
                "gateway" when words[i + 1] == "only" => model with { Consecutive5xx = 0, ConsecutiveGatewayErrors = int.Parse(words[i + 2]) },
                "gateway" => model with { ConsecutiveGatewayErrors = int.Parse(words[i + 1]) },
                "split" => model with { SplitsLocalOrigin = true, ConsecutiveLocalOriginFailures = int.Parse(words[i + 1]) },
                "codes" => model with { ErrorCodes = [.. words.Skip(i + 1).TakeWhile(static w => char.IsDigit(w[0])).Select(int.Parse)] },
                _ => model,
            };
        }

        return model;
    }

    private static void Record(EndpointMonitor monitor, string outcome) => monitor.Record(outcome switch
    {
        "c" => new AttemptOutcome(AttemptOutcomeKind.ConnectFailed, 0),
        "r" => new AttemptOutcome(AttemptOutcomeKind.Reset, 200), // a body that broke off
        "t" => new AttemptOutcome(AttemptOutcomeKind.TimedOut, 0),
        "a" => new AttemptOutcome(AttemptOutcomeKind.Abandoned, 200),
        _ => new AttemptOutcome(AttemptOutcomeKind.Answered, int.Parse(outcome)),
    });
}
