using MeshSdk.Tool.Curl;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tool.Tests.Curl;

public sealed class PaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Without_a_rate_all_are_due_at_once()
    {
        var pace = new Pace(2, rate: null, _time);

        Assert.Equal([0, 1, null], [await Next(pace), await Next(pace), await Next(pace)]);
    }

    [Fact]
    public async Task Request_i_is_due_i_over_rate_after_the_start()
    {
        var pace = new Pace(3, rate: 4, _time);
        Assert.Equal(0, await Next(pace));
        var second = Next(pace).AsTask();

        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, await second);
    }

    [Fact]
    public async Task A_late_one_is_due_at_once()
    {
        var pace = new Pace(3, rate: 1, _time);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([0, 1, 2], [await Next(pace), await Next(pace), await Next(pace)]);
    }

    private static ValueTask<int?> Next(Pace pace) => pace.NextAsync(TestContext.Current.CancellationToken);
}
