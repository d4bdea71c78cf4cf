using MeshSdk.Kubernetes.Watching;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class BookmarkRhythmTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Nothing_is_expected_of_a_server_that_sent_less_than_two()
    {
        var rhythm = new BookmarkRhythm(_time);
        rhythm.Seen();

        Assert.Null(rhythm.Tolerated);
    }

    [Theory]
    [InlineData(60, 150)]
    [InlineData(12, 30)]
    [InlineData(1, 30)]
    public void Silence_is_tolerated_for_two_and_a_half_intervals_and_thirty_seconds_at_least(int interval, int silence)
    {
        var rhythm = new BookmarkRhythm(_time);
        for (var i = 0; i < 3; i++)
        {
            rhythm.Seen();
            _time.Advance(TimeSpan.FromSeconds(interval));
        }

        Assert.Equal(TimeSpan.FromSeconds(silence), rhythm.Tolerated);
    }

    [Fact]
    public void The_time_between_two_streams_is_no_interval()
    {
        var rhythm = new BookmarkRhythm(_time);
        rhythm.Seen();
        rhythm.Restart();
        _time.Advance(TimeSpan.FromHours(1));
        rhythm.Seen();

        Assert.Null(rhythm.Tolerated);
    }

    [Fact]
    public void One_long_interval_counts_longer_than_one_short_one_and_not_for_ever()
    {
        var rhythm = new BookmarkRhythm(_time);
        Interval(100);
        Assert.Equal(TimeSpan.FromSeconds(250), rhythm.Tolerated);
        Interval(20);
        Assert.Equal(TimeSpan.FromSeconds(200), rhythm.Tolerated);
        for (var i = 0; i < 20; i++)
        {
            Interval(20);
        }

        Assert.Equal(TimeSpan.FromSeconds(50), rhythm.Tolerated);

        void Interval(int seconds)
        {
            rhythm.Restart();
            rhythm.Seen();
            _time.Advance(TimeSpan.FromSeconds(seconds));
            rhythm.Seen();
        }
    }
}
