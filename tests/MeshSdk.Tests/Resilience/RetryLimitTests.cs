using MeshSdk.Model;
using MeshSdk.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Resilience;

public sealed class RetryLimitTests
{
    private readonly FakeTimeProvider _time = new();

    private RetryLimit Create(int? most = null, RetryShare? share = null) =>
        new(_time) { Limits = new ConnectionLimits { MaxRetries = most, RetryShare = share } };

    private static int Enter(RetryLimit limit, int requests)
    {
        var count = 0;
        while (count < 10_000 && limit.TryEnter(requests))
        {
            count++;
        }

        return count;
    }

    // percent, least, requests under way → retries at once
    public static TheoryData<double, int, int, int> Shares => new()
    {
        { 20, 3, 0, 3 },
        { 20, 3, 15, 3 },
        { 20, 3, 20, 4 },
        { 20, 3, 24, 4 }, // rounded down
        { 20, 3, 25, 5 },
        { 0, 3, 1_000, 3 },
        { 0, 0, 1_000, 0 },
        { 100, 3, 1_000, 1_000 },
        { 12.5, 0, 80, 10 },
    };

    [Theory]
    [MemberData(nameof(Shares))]
    public void A_share_of_the_requests_under_way_may_be_retries(double percent, int least, int requests, int expected) =>
        Assert.Equal(expected, Enter(Create(share: new RetryShare(percent, least)), requests));

    [Fact]
    public void A_number_may_be_under_way_and_a_share_takes_its_place()
    {
        Assert.Equal(2, Enter(Create(2), 1_000));
        Assert.Equal(200, Enter(Create(2, new RetryShare()), 1_000));
    }

    [Fact]
    public void One_that_ends_makes_room_for_another()
    {
        var limit = Create(1);
        Assert.True(limit.TryEnter(0));
        Assert.False(limit.TryEnter(0));
        limit.Exit();
        Assert.True(limit.TryEnter(0));
        Assert.Equal(1, limit.Active);
    }

    [Fact]
    public void With_an_interval_the_requests_that_began_within_it_count()
    {
        var limit = Create(share: new RetryShare(20, 0, TimeSpan.FromSeconds(10)));
        for (var i = 0; i < 100; i++)
        {
            limit.Sending();
        }

        Assert.Equal(20, Enter(limit, requests: 0));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, Enter(limit, requests: 1_000));
    }

    [Fact]
    public void Limits_that_come_and_go_find_what_is_under_way()
    {
        var limit = Create(2);
        Assert.True(limit.TryEnter(0));
        limit.Limits = ConnectionLimits.None;
        limit.Limits = new ConnectionLimits { MaxRetries = 1 };
        Assert.False(limit.TryEnter(0));
        limit.Exit();
        Assert.True(limit.TryEnter(0));
    }
}
