using CsCheck;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Resilience.Outliers;

/// <summary>What holds whatever happens.</summary>
public sealed class OutlierPropertyTests
{
    private static readonly Gen<OutlierDetectionModel> Models =
        from errors in Gen.Int[0, 3]
        from gateway in Gen.Int[0, 3]
        from split in Gen.Bool
        from percent in Gen.Int[0, 100]
        from always in Gen.Bool
        from time in Gen.Int[1, 50]
        from interval in Gen.Int[1, 20]
        from compares in Gen.Bool
        select new OutlierDetectionModel
        {
            Consecutive5xx = errors,
            ConsecutiveGatewayErrors = gateway,
            SplitsLocalOrigin = split,
            ConsecutiveLocalOriginFailures = 2,
            MaxEjectionPercent = percent,
            AlwaysEjectsOne = always,
            BaseEjectionTime = TimeSpan.FromSeconds(time),
            Interval = TimeSpan.FromSeconds(interval),
            FailurePercentage = compares ? new FailurePercentageModel(50, 100, 1, 1) : null,
        };

    private static readonly Gen<(int Endpoint, int What)[]> Steps = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 8]).Array[0, 200];

    [Fact]
    public void Counts_are_never_negative_no_more_are_ejected_than_may_be_and_all_return() =>
        Gen.Select(Models, Gen.Int[1, 10], Steps).Sample((model, count, steps) =>
        {
            using var watched = new WatchedEndpoints(model, count);
            foreach (var (endpoint, what) in steps)
            {
                Step(watched, watched.Endpoints[endpoint % count], what);
                Check(watched);
            }

            // Nobody stays away for longer than the longest time and an interval.
            watched.Pass(300 + 20 + 20);
            watched.Pass(300 + 20 + 20);
            Assert.Equal(0, watched.Ejected);
            Assert.Empty(watched.Ejections.Current);
        });

    [Fact]
    public void Endpoints_and_policies_may_change_at_any_moment() =>
        Gen.Select(Models, Models, Steps).Sample((before, after, steps) =>
        {
            using var watched = new WatchedEndpoints(before with { MaxEjectionPercent = 100 }, 5);
            foreach (var (i, (number, what)) in steps.Index())
            {
                Step(watched, watched.Endpoints[number % watched.Endpoints.Length], what);
                if (i % 7 == 6)
                {
                    watched.Apply(
                        m => i % 2 == 0 ? m : after with { MaxEjectionPercent = 100 },
                        [.. watched.Endpoints.Where((_, index) => index != number), WatchedEndpoints.New((i % 250) + 1)]);
                }

                Assert.Equal(watched.Ejected, watched.Ejections.Count);
                Assert.All(watched.Endpoints, static e => Assert.NotNull(e.Outcomes));
            }

            watched.Pass(700);
            watched.Pass(700);
            Assert.Equal(0, watched.Ejected);
            watched.Detector.Release();
            Assert.False(watched.Detector.IsWaiting);
        });

    [Fact]
    public async Task Under_a_thousand_calls_at_once_counts_are_never_negative_and_the_share_is_kept()
    {
        using var watched = new WatchedEndpoints(
            new OutlierDetectionModel { Consecutive5xx = 3, ConsecutiveGatewayErrors = 2, MaxEjectionPercent = 40, BaseEjectionTime = TimeSpan.FromSeconds(10) }, 10);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(call => Task.Run(() =>
        {
            var random = new Random(call);
            for (var i = 0; i < 50; i++)
            {
                Step(watched, watched.Endpoints[random.Next(10)], random.Next(6));
                Assert.InRange(watched.Ejections.Count, 0, 4);
                if (call % 100 == 0)
                {
                    watched.Pass(1);
                }
            }
        })));

        Check(watched);
        watched.Pass(400);
        watched.Pass(400);
        Assert.Equal(0, watched.Ejected);
    }

    private static void Step(WatchedEndpoints watched, EndpointState endpoint, int what)
    {
        switch (what)
        {
            case <= 5:
                endpoint.Record(AttemptOutcomeKind.Answered, ((int[])[200, 500, 502, 503, 404, 504])[what]);
                break;
            case 6:
                endpoint.Record(AttemptOutcomeKind.ConnectFailed);
                break;
            case 7:
                endpoint.Record(AttemptOutcomeKind.Abandoned);
                break;
            default:
                watched.Pass(3);
                break;
        }
    }

    private static void Check(WatchedEndpoints watched)
    {
        var most = watched.Model.AlwaysEjectsOne ? 1 : 0;
        Assert.True(
            watched.Ejected <= most || 100.0 * watched.Ejected / watched.Endpoints.Length <= watched.Model.MaxEjectionPercent,
            $"{watched.Ejected} of {watched.Endpoints.Length} under {watched.Model.MaxEjectionPercent} %");
        Assert.Equal(watched.Ejected, watched.Ejections.Count);
        for (var i = 0; i < watched.Endpoints.Length; i++)
        {
            var (errors, gatewayErrors, localFailures) = watched.Monitor(i).Counts;
            Assert.True(errors >= 0 && gatewayErrors >= 0 && localFailures >= 0);
        }
    }
}
