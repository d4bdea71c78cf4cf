using CsCheck;
using MeshSdk.Model;
using MeshSdk.Transport.Lanes;

namespace MeshSdk.Tests.Transport.Lanes;

public sealed class EndpointLanesTests
{
    private enum Step
    {
        Enter,
        EnterElsewhere,
        Leave,
        LeaveSoon,
        Cancel,
        Lose,
        Allow,
    }

    private static readonly Gen<int?> Limit = Gen.Select(Gen.Bool, Gen.Int[1, 4], static (isSet, limit) => isSet ? limit : (int?)null);

    private static readonly Gen<ConnectionLimits> Limits = Gen.Select(
        Gen.Int[1, 4], Limit, Limit, Limit, Limit,
        static (connections, pending, requests, perConnection, streams) => new ConnectionLimits
        {
            MaxConnections = connections,
            MaxPendingRequests = pending,
            MaxRequests = requests,
            MaxRequestsPerConnection = perConnection,
            MaxConcurrentStreams = streams,
        });

    private static readonly Gen<(Step, int, int)[]> Steps = Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 1000], Gen.Int[0, 2]).Array[1, 200];

    // LaneStorm checks after every step.
    [Fact]
    public void Whatever_happens_no_limit_is_exceeded_nobody_waits_in_vain_and_nothing_is_left_in_the_end() =>
        Gen.Select(Limits, Gen.Int[1, 3], Steps).Sample(static (limits, endpoints, steps) =>
        {
            var storm = new LaneStorm(limits, endpoints);
            foreach (var (step, number, kind) in steps)
            {
                switch (step)
                {
                    case Step.Enter:
                        storm.Enter(number, LaneStorm.Http1);
                        break;
                    case Step.EnterElsewhere:
                        storm.Enter(number, kind switch { 0 => LaneStorm.Http1, 1 => LaneStorm.Alias, _ => LaneStorm.Http2 });
                        break;
                    case Step.Leave or Step.LeaveSoon:
                        storm.Leave(number);
                        break;
                    case Step.Cancel:
                        storm.Cancel(number);
                        break;
                    case Step.Lose:
                        storm.Lose(number);
                        break;
                    case Step.Allow:
                        storm.Allow(number, (kind * 3) + 1);
                        break;
                }
            }

            while (storm.Held > 0)
            {
                storm.Leave(0);
            }

            Assert.Equal((0, 0), (storm.Waits, storm.Cluster.Pending));
            foreach (var endpoint in storm.Endpoints)
            {
                endpoint.Dispose();
            }

            storm.CloseAll();
            Assert.Equal(0, storm.Cluster.Connections);
        });

    [Fact]
    public async Task Who_came_first_is_served_first()
    {
        var storm = new LaneStorm(new ConnectionLimits { MaxConnections = 1 }, 1);
        var lanes = storm.Endpoints[0];
        var lane = await lanes.EnterAsync(LaneStorm.Http1, null, CancellationToken.None);
        lane.Dialling();
        var waiting = Enumerable.Range(0, 50).Select(_ => lanes.EnterAsync(LaneStorm.Http1, null, CancellationToken.None).AsTask()).ToArray();

        foreach (var next in waiting)
        {
            Assert.False(next.IsCompleted);
            lanes.Leave(lane);
            Assert.Same(lane, await next.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        Assert.Equal((0, 1), (storm.Cluster.Pending, storm.Cluster.Connections));
    }

    [Fact]
    public async Task A_slot_that_becomes_free_goes_to_the_endpoint_whose_request_waits_longest()
    {
        var storm = new LaneStorm(new ConnectionLimits { MaxConnections = 3 }, 3);
        var (a, b, c) = (storm.Endpoints[0], storm.Endpoints[1], storm.Endpoints[2]);
        var first = await EnterAsync(a);
        await EnterAsync(b);
        await EnterAsync(c);
        var (later, last) = (b.EnterAsync(LaneStorm.Http1, null, CancellationToken.None).AsTask(), c.EnterAsync(LaneStorm.Http1, null, CancellationToken.None).AsTask());

        first.Closed();
        a.Leave(first);

        (await later.WaitAsync(TimeSpan.FromSeconds(30))).Dialling();
        Assert.False(last.IsCompleted);
        Assert.Equal((1, 3), (storm.Cluster.Pending, storm.Cluster.Connections));

        static async Task<Lane> EnterAsync(EndpointLanes endpoint)
        {
            var lane = await endpoint.EnterAsync(LaneStorm.Http1, null, CancellationToken.None);
            lane.Dialling();
            return lane;
        }
    }

    [Fact]
    public async Task A_second_connection_is_not_made_while_the_first_is_open()
    {
        var storm = new LaneStorm(new ConnectionLimits { MaxConnections = 2 }, 1);
        var lanes = storm.Endpoints[0];
        var lane = await lanes.EnterAsync(LaneStorm.Http2, null, CancellationToken.None);
        lane.Dialling();

        Assert.Throws<LaneTakenException>(lane.Dialling); // its server has said GOAWAY

        var other = await lanes.EnterAsync(LaneStorm.Http2, null, CancellationToken.None);
        Assert.NotSame(lane, other);
        Assert.Equal(2, storm.Cluster.Connections);
        lanes.Leave(lane);
        lane.Closed();
        Assert.Equal(1, storm.Cluster.Connections);
    }

    [Fact]
    public async Task Beyond_a_lowered_limit_the_one_that_stays_is_one_that_does_not_close_anyway()
    {
        var storm = new LaneStorm(new ConnectionLimits { MaxConnections = 2 }, 1);
        var lanes = storm.Endpoints[0];
        var leaving = await lanes.EnterAsync(LaneStorm.Http1, null, CancellationToken.None);
        leaving.Dialling();
        var staying = await lanes.EnterAsync(LaneStorm.Http1, null, CancellationToken.None);
        staying.Dialling();
        Assert.Throws<LaneTakenException>(leaving.Dialling);
        storm.Cluster.Limits = new ConnectionLimits { MaxConnections = 1 };

        lanes.Leave(staying);
        lanes.Trim();

        Assert.False(staying.IsClosed);
        lanes.Leave(leaving);
        leaving.Closed();
        Assert.Equal((true, false, 1), (leaving.IsClosed, staying.IsClosed, storm.Cluster.Connections));
    }
}
