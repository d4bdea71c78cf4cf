using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Resilience.Outliers;

/// <summary>When endpoints are ejected, for how long, and what becomes of that when policies and endpoints change.</summary>
public sealed class OutlierDetectorTests
{
    private static readonly OutlierDetectionModel Model = new()
    {
        Consecutive5xx = 2,
        Interval = TimeSpan.FromSeconds(10),
        BaseEjectionTime = TimeSpan.FromSeconds(30),
        MaxEjectionPercent = 100,
    };

    private static void Eject(WatchedEndpoints watched, int index = 0) => watched.Answer(index, 500, watched.Model.Consecutive5xx);

    [Theory]
    [InlineData(0, 30, 30)]
    [InlineData(3, 30, 40)] // 33 s is between ticks
    [InlineData(9, 30, 40)]
    [InlineData(3, 7, 10)] // 10 s is a tick, and 7 s after
    [InlineData(3, 8, 20)]
    [InlineData(3, 1, 10)]
    public void An_endpoint_returns_at_the_first_tick_after_its_time(int ejectedAt, int time, int returnsAt)
    {
        using var watched = new WatchedEndpoints(Model with { BaseEjectionTime = TimeSpan.FromSeconds(time) }, 2);
        watched.Pass(ejectedAt);
        Eject(watched);
        for (var second = ejectedAt; second < returnsAt; second++)
        {
            Assert.True(watched.Endpoints[0].IsEjected, $"{second} s");
            watched.Pass(1);
        }

        Assert.False(watched.Endpoints[0].IsEjected);
        Assert.Equal("Ejected Returned", watched.Kinds());
        Assert.Equal(2, watched.Refreshes);
        Assert.Equal(TimeSpan.FromSeconds(returnsAt - ejectedAt), watched.News.Last().Time);
    }

    [Fact]
    public void Each_ejection_soon_after_the_last_is_longer()
    {
        using var watched = new WatchedEndpoints(Model, 2);
        var times = new List<int>();
        for (var i = 0; i < 12; i++)
        {
            Eject(watched);
            var ticks = 0;
            while (watched.Endpoints[0].IsEjected)
            {
                watched.Tick();
                ticks++;
            }

            times.Add(ticks * 10);
        }

        Assert.Equal([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300], times);
    }

    [Theory]
    [InlineData(0, 120)] // fails again at once
    [InlineData(1, 90)]
    [InlineData(2, 60)]
    [InlineData(3, 30)]
    [InlineData(9, 30)]
    public void Each_interval_that_it_keeps_well_makes_the_next_one_shorter(int ticks, int expected)
    {
        using var watched = new WatchedEndpoints(Model, 2);
        for (var i = 0; i < 3; i++)
        {
            Eject(watched);
            watched.Tick(3 * (i + 1));
            Assert.False(watched.Endpoints[0].IsEjected);
        }

        watched.Tick(ticks);
        Eject(watched);
        Assert.Equal(TimeSpan.FromSeconds(expected), watched.News.Last().Time);
    }

    [Fact]
    public void No_more_are_ejected_than_may_be()
    {
        using var watched = new WatchedEndpoints(Model with { MaxEjectionPercent = 50 }, 5);
        for (var i = 0; i < 5; i++)
        {
            Eject(watched, i);
        }

        Assert.Equal("Ejected Ejected Overflow Overflow Overflow", watched.Kinds());
        Assert.Equal(2, watched.Ejected);
        Assert.Equal((2, 5, 50), (watched.News.Last().Ejected, watched.News.Last().Total, watched.News.Last().MaxPercent));
        Assert.Equal([watched.Endpoints[0], watched.Endpoints[1]], watched.Ejections.Current.Select(static e => e.Endpoint));

        watched.Tick(3);
        Assert.Equal(0, watched.Ejected);
        Assert.Empty(watched.Ejections.Current);
        Eject(watched, 4);
        Assert.True(watched.Endpoints[4].IsEjected);
    }

    [Fact]
    public void A_timer_exists_only_while_somebody_waits_for_it()
    {
        using var watched = new WatchedEndpoints(Model, 2);
        watched.Answer(0, 500);
        Assert.False(watched.Detector.IsWaiting);
        Eject(watched, 1);
        Assert.True(watched.Detector.IsWaiting);
        watched.Tick(3);
        Assert.False(watched.Endpoints[1].IsEjected);
        Assert.True(watched.Detector.IsWaiting); // to be trusted again
        watched.Tick();
        Assert.False(watched.Detector.IsWaiting);
        Eject(watched, 1);
        watched.Detector.Dispose();
        Assert.False(watched.Detector.IsWaiting);
    }

    [Fact]
    public void Ticks_that_nobody_waited_for_are_counted_all_the_same()
    {
        using var watched = new WatchedEndpoints(Model with { BaseEjectionTime = TimeSpan.FromSeconds(1) }, 2);
        watched.Pass(12_344);
        Eject(watched);
        watched.Pass(5);
        Assert.True(watched.Endpoints[0].IsEjected);
        watched.Pass(1); // 12,350 s
        Assert.False(watched.Endpoints[0].IsEjected);
    }

    [Fact]
    public void A_changed_interval_counts_from_the_last_tick()
    {
        // gRPC's own case: 8 s, and 5 s later 9 s, makes a tick after 4 s.
        using var watched = new WatchedEndpoints(Model with { Interval = TimeSpan.FromSeconds(8), BaseEjectionTime = TimeSpan.FromSeconds(1) }, 2);
        Eject(watched);
        watched.Pass(5);
        watched.Apply(static m => m with { Interval = TimeSpan.FromSeconds(9) });
        watched.Pass(3.999);
        Assert.True(watched.Endpoints[0].IsEjected);
        watched.Pass(0.001);
        Assert.False(watched.Endpoints[0].IsEjected);

        // And one that is shorter than what has passed, at once.
        Eject(watched);
        watched.Pass(6);
        watched.Apply(static m => m with { Interval = TimeSpan.FromSeconds(2) });
        watched.Pass(0.001);
        Assert.False(watched.Endpoints[0].IsEjected);
    }

    [Fact]
    public void A_changed_policy_keeps_counts_and_ejections()
    {
        using var watched = new WatchedEndpoints(Model with { Consecutive5xx = 4 }, 3);
        watched.Answer(1, 500, 3);
        Eject(watched);
        watched.Apply(static m => m with { BaseEjectionTime = TimeSpan.FromSeconds(60) });
        Assert.True(watched.Endpoints[0].IsEjected);
        watched.Tick(5);
        Assert.True(watched.Endpoints[0].IsEjected); // by the new time
        watched.Answer(1, 500);
        Assert.True(watched.Endpoints[1].IsEjected);
        watched.Tick();
        Assert.False(watched.Endpoints[0].IsEjected);
    }

    [Fact]
    public void A_threshold_that_falls_below_a_count_is_met_by_the_next_error()
    {
        using var watched = new WatchedEndpoints(Model with { Consecutive5xx = 10 }, 1);
        watched.Answer(0, 500, 7);
        watched.Apply(static m => m with { Consecutive5xx = 3 });
        Assert.Empty(watched.News);
        watched.Answer(0, 500);
        Assert.Equal("Ejected", watched.Kinds());
    }

    [Fact]
    public void A_share_that_is_lowered_lets_nobody_back_before_time()
    {
        using var watched = new WatchedEndpoints(Model, 2);
        Eject(watched);
        watched.Apply(static m => m with { MaxEjectionPercent = 10 });
        Assert.True(watched.Endpoints[0].IsEjected);
        Eject(watched, 1);
        Assert.False(watched.Endpoints[1].IsEjected);
    }

    [Fact]
    public void Without_a_policy_nobody_is_ejected_and_nobody_hears()
    {
        using var watched = new WatchedEndpoints(Model, 3);
        Eject(watched);
        var monitor = watched.Monitor(0);
        watched.Detector.Release();
        Assert.Equal("Ejected Released", watched.Kinds());
        Assert.All(watched.Endpoints, static e => Assert.False(e.IsEjected));
        Assert.All(watched.Endpoints, static e => Assert.Null(e.Outcomes));
        Assert.Empty(watched.Ejections.Current);
        monitor.Record(new AttemptOutcome(AttemptOutcomeKind.Answered, 500)); // of a request that was under way
        monitor.Record(new AttemptOutcome(AttemptOutcomeKind.Answered, 500));
        watched.Pass(1000);
        Assert.Equal("Ejected Released", watched.Kinds());
    }

    [Fact]
    public void An_endpoint_that_leaves_makes_room_and_one_that_comes_back_is_a_new_one()
    {
        using var watched = new WatchedEndpoints(Model with { MaxEjectionPercent = 34 }, 3);
        var (one, two, three) = (watched.Endpoints[0], watched.Endpoints[1], watched.Endpoints[2]);
        Eject(watched);
        var left = watched.Monitor(0);
        Eject(watched, 1);
        Assert.False(two.IsEjected);

        var four = WatchedEndpoints.New(4);
        watched.Apply(null, two, three, four);
        Assert.Null(one.Outcomes);
        Assert.Empty(watched.Ejections.Current);
        left.Record(new AttemptOutcome(AttemptOutcomeKind.Answered, 500));
        left.Record(new AttemptOutcome(AttemptOutcomeKind.Answered, 500));
        Assert.Equal("Ejected Overflow", watched.Kinds());

        Eject(watched, 0);
        Assert.True(two.IsEjected);
        watched.Apply(null, WatchedEndpoints.New(1), two, three);
        Assert.True(two.IsEjected);
        Assert.Equal((0, 0, 0), watched.Monitor(0).Counts);
        watched.Tick(3);
        Assert.False(two.IsEjected);
    }

    [Fact]
    public void What_cannot_be_selected_anew_harms_neither_a_request_nor_the_return()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var detector = new OutlierDetector(time, OutlierServices.Alone, static () => throw new InvalidOperationException("no"));
        var endpoint = WatchedEndpoints.New(1);
        detector.Apply(Model, [endpoint]);
        endpoint.Record(AttemptOutcomeKind.Answered, 500);
        endpoint.Record(AttemptOutcomeKind.Answered, 500);
        Assert.True(endpoint.IsEjected);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(endpoint.IsEjected);
    }

    [Fact]
    public async Task A_detector_that_is_gone_leaves_nothing_behind()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var weak = Leave(time);
        await Collected.True(() => !weak.IsAlive, "the detector is collected");

        static WeakReference Leave(TimeProvider time)
        {
            var detector = new OutlierDetector(time, OutlierServices.Alone, static () => { });
            var endpoint = WatchedEndpoints.New(1);
            detector.Apply(Model, [endpoint]);
            endpoint.Record(AttemptOutcomeKind.Answered, 500);
            endpoint.Record(AttemptOutcomeKind.Answered, 500);
            Assert.True(detector.IsWaiting);
            detector.Dispose();
            return new WeakReference(detector);
        }
    }
}
