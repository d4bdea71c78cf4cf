using MeshSdk.LoadBalancing.Load;
using MeshSdk.Model;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.LoadBalancing.Load;

/// <summary>When a weight counts, and for how long.</summary>
public sealed class EndpointLoadTests
{
    private readonly FakeTimeProvider _time = new();

    private EndpointLoad Load(BackendUtilizationModel? model = null) => new(_time, new LoadRules(model ?? new BackendUtilizationModel()));

    private (double, LoadStanding) Now(EndpointLoad load) => load.At(_time.GetTimestamp()) is var weight ? (weight.Value, weight.Standing) : default;

    private void Pass(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(10)]
    [InlineData(1)]
    public void It_counts_when_the_endpoint_has_reported_for_the_stabilization_period(int seconds)
    {
        var load = Load(new BackendUtilizationModel { StabilizationPeriod = TimeSpan.FromSeconds(seconds) });
        Pass(100);
        Assert.Equal((0, LoadStanding.Pending), Now(load));

        load.Hear(10);
        Pass(seconds - 0.001);
        load.Hear(20);
        Assert.Equal((0, LoadStanding.Pending), Now(load));

        Pass(0.001);
        Assert.Equal((20, LoadStanding.Usable), Now(load));
    }

    [Fact]
    public void It_counts_at_once_without_one()
    {
        var load = Load(new BackendUtilizationModel { StabilizationPeriod = TimeSpan.Zero });
        load.Hear(10);
        Assert.Equal((10, LoadStanding.Usable), Now(load));
    }

    [Fact]
    public void Without_reports_it_expires_and_the_endpoint_begins_anew()
    {
        var load = Usable(new BackendUtilizationModel { ExpirationPeriod = TimeSpan.FromSeconds(60) });
        Pass(59.999);
        Assert.Equal((10, LoadStanding.Usable), Now(load));
        Pass(0.001);
        Assert.Equal((0, LoadStanding.Stale), Now(load));

        load.Hear(30);
        Assert.Equal((0, LoadStanding.Pending), Now(load));
        Pass(10);
        Assert.Equal((30, LoadStanding.Usable), Now(load));
    }

    [Fact]
    public void It_begins_anew_also_where_nobody_looked_while_it_was_stale()
    {
        var load = Usable(new BackendUtilizationModel { ExpirationPeriod = TimeSpan.FromSeconds(60) });
        Pass(60);
        load.Hear(30);
        Assert.Equal((0, LoadStanding.Pending), Now(load));
    }

    [Fact]
    public void Reports_that_say_nothing_neither_begin_nor_prolong_it()
    {
        var load = Load(new BackendUtilizationModel { ExpirationPeriod = TimeSpan.FromSeconds(60) });
        load.Hear(0);
        Pass(10);
        load.Hear(10);
        Assert.Equal((0, LoadStanding.Pending), Now(load));
        Pass(59);
        load.Hear(0);
        load.Hear(double.NaN);
        Assert.Equal((10, LoadStanding.Usable), Now(load));
        Pass(1);
        Assert.Equal((0, LoadStanding.Stale), Now(load));
    }

    [Fact]
    public void An_endpoint_that_comes_back_begins_anew()
    {
        var load = Usable(new BackendUtilizationModel());
        load.Rejoin();
        Assert.Equal((0, LoadStanding.Pending), Now(load));
        load.Hear(11);
        Pass(10);
        Assert.Equal((11, LoadStanding.Usable), Now(load));
    }

    [Fact]
    public void Other_rules_hold_for_what_is_known()
    {
        var load = Usable(new BackendUtilizationModel());
        load.Follow(new LoadRules(new BackendUtilizationModel { StabilizationPeriod = TimeSpan.FromSeconds(20) }));
        Assert.Equal((0, LoadStanding.Pending), Now(load));
        Pass(10);
        Assert.Equal((10, LoadStanding.Usable), Now(load));
        load.Follow(new LoadRules(new BackendUtilizationModel { ExpirationPeriod = TimeSpan.FromSeconds(5) }));
        Assert.Equal((0, LoadStanding.Stale), Now(load));
    }

    private EndpointLoad Usable(BackendUtilizationModel model)
    {
        var load = Load(model);
        load.Hear(5);
        Pass(10);
        load.Hear(10);
        Assert.Equal((10, LoadStanding.Usable), Now(load));
        return load;
    }
}
