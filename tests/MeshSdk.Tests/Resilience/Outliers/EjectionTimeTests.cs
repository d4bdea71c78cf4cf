using CsCheck;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;

namespace MeshSdk.Tests.Resilience.Outliers;

public sealed class EjectionTimeTests
{
    [Theory]
    [InlineData(30, 300, "30 60 90 120 150 180 210 240 270 300 300 300", 11)]
    [InlineData(100, 300, "100 200 300 300 300", 4)]
    [InlineData(7, 20, "7 14 20 20 20", 4)]
    [InlineData(300, 300, "300 300 300", 2)]
    [InlineData(600, 300, "600 600 600", 2)] // a base above the longest time is the longest
    public void Each_ejection_in_a_row_lasts_longer_up_to_a_bound(int seconds, int longest, string expected, int most)
    {
        var model = Model(seconds, longest);
        var (backoff, times) = (0, new List<double>());
        foreach (var unused in expected.Split(' '))
        {
            backoff = EjectionTime.Grow(model, backoff);
            times.Add(EjectionTime.Of(model, backoff).TotalSeconds);
        }

        Assert.Equal(expected, string.Join(' ', times));

        // Envoy's counts on to a step beyond the longest time.
        for (var i = 0; i < 100; i++)
        {
            backoff = EjectionTime.Grow(model, backoff);
        }

        Assert.Equal(most, backoff);
    }

    [Fact]
    public void No_times_are_too_long_to_count_with()
    {
        var model = new OutlierDetectionModel { BaseEjectionTime = TimeSpan.MaxValue, MaxEjectionTime = TimeSpan.MaxValue };
        var backoff = EjectionTime.Grow(model, EjectionTime.Grow(model, 0));
        Assert.Equal(2, backoff);
        Assert.Equal(TimeSpan.MaxValue, EjectionTime.Of(model, backoff));
    }

    [Fact]
    public void An_ejection_lasts_at_least_its_base_and_never_longer_than_the_longest() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Int[1, 1000], Gen.Int[1, 50]).Sample((seconds, longest, ejections) =>
        {
            var model = Model(seconds, longest);
            var backoff = 0;
            var last = TimeSpan.Zero;
            for (var i = 0; i < ejections; i++)
            {
                backoff = EjectionTime.Grow(model, backoff);
                var time = EjectionTime.Of(model, backoff);
                Assert.InRange(time, model.BaseEjectionTime, TimeSpan.FromSeconds(Math.Max(seconds, longest)));
                Assert.True(time >= last);
                last = time;
            }
        });

    private static OutlierDetectionModel Model(int seconds, int longest) =>
        new() { BaseEjectionTime = TimeSpan.FromSeconds(seconds), MaxEjectionTime = TimeSpan.FromSeconds(longest) };
}
